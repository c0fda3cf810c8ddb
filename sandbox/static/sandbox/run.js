// A run as it goes: curves grow with each epoch; when its status changes, the server renders what has changed.
import { Chart } from "./chart.js";
import { watch } from "./events.js";
import { decimal, fetchPage, fill, takeOver, WRITINGS } from "./page.js";

const QUIET = 4000; // a screen reader hears about the progress at most this often

const page = document.getElementById("run");
const planned = Number(page.dataset.planned);
const figures = [...document.querySelectorAll("[data-chart]")];
const announcement = document.getElementById("announcement");

let epochs = JSON.parse(document.getElementById("epochs").textContent);
let charts = [];
let frame = 0;
let spokenAt = 0;

async function drawCharts() {
  try {
    const { default: UPlot } = await import(new URL("../vendor/uplot/uPlot.esm.js", import.meta.url).href);
    charts = figures.map((figure) => new Chart(UPlot, figure, planned));
    show();
  } catch {
    // without the chart library the tables below the headings say the same
    for (const details of document.querySelectorAll(".chart__table")) details.open = true;
  }
}

function show() {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    for (const chart of charts) chart.show(epochs);
    const progress = document.getElementById("progress");
    const words = document.getElementById("epochs-done");
    if (progress) progress.value = epochs.length;
    if (words) words.textContent = fill(words.dataset.sentence, { epoch: epochs.length, planned });
  });
}

/** The two values of an epoch that a figure shows, as words. */
function wordsOf(figure, epoch) {
  return [epoch[figure.dataset.chart], epoch[`val_${figure.dataset.chart}`]].map(WRITINGS[figure.dataset.writing]);
}

function addToFigures(epoch) {
  for (const figure of figures) {
    const words = wordsOf(figure, epoch);
    const row = figure.querySelector("tbody").insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = epoch.number;
    row.append(head);
    for (const word of words) {
      const cell = row.insertCell();
      cell.className = "number";
      cell.textContent = word;
    }
    const caption = figure.querySelector("figcaption");
    const [training, validation] = words;
    caption.textContent = fill(caption.dataset.sentence, { epoch: epoch.number, training, validation });
  }
}

function speak(epoch) {
  if (Date.now() - spokenAt < QUIET) return;
  spokenAt = Date.now();
  const { key, label, sentence, writing } = announcement.dataset;
  const value = WRITINGS[writing](epoch[key]);
  announcement.textContent = fill(sentence, { epoch: epoch.number, planned, loss: decimal(epoch.loss), label, value });
}

function addEpoch(epoch) {
  epochs.push(epoch);
  addToFigures(epoch);
  speak(epoch);
  show();
}

function forget() {
  epochs = [];
  for (const figure of figures) figure.querySelector("tbody").replaceChildren();
  show();
}

/** Take over what the server says now: status, buttons, sentences, the outcome. */
async function refresh({ isOver = false } = {}) {
  const fresh = await fetchPage(location.href);
  if (!fresh) return;
  const hadFocus = document.getElementById("standing").contains(document.activeElement);
  takeOver(fresh, ["standing", "challenge", "outcome", ...figures.map((figure) => `${figure.dataset.chart}-sentence`)]);
  if (hadFocus) document.querySelector("#standing :is(a, button)")?.focus();
  show();
  if (isOver) {
    const status = document.querySelector("#standing .badge").textContent.trim();
    announcement.textContent = fill(announcement.dataset.ended, { status });
  }
}

function onEvent(event) {
  if (event.kind === "epoch") addEpoch(event.payload);
  if (event.kind === "reset") forget();
  if (event.kind === "claimed" || event.kind === "reset") refresh();
  if (event.kind === "end") refresh({ isOver: true });
}

function onPlace(place) {
  const sentence = document.getElementById("place");
  if (sentence) sentence.textContent = fill(sentence.dataset.sentence, place);
}

drawCharts();
if (page.dataset.active === "true") watch(page.dataset.events, Number(page.dataset.after), { onEvent, onPlace });
