// The recipe answers while it is being filled in: cost and drawing follow each change, layers come and go in place.
// Without this module the same buttons submit the form.
import { fetchPage, takeOver } from "./page.js";

const PAUSE = 350;

let timer = 0;
let latest = 0;

function form() {
  return document.getElementById("recipe");
}

async function post(press) {
  const number = ++latest;
  const body = new FormData(form());
  body.set("press", press);
  const fresh = await fetchPage(form().action, { method: "POST", body });
  return number === latest ? fresh : null; // an older answer that comes late is not shown
}

async function preview() {
  const fresh = await post("preview");
  if (fresh) takeOver(fresh, ["outlook", "kept"]);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(preview, PAUSE);
}

async function changeLayers(press) {
  const fresh = await post(press);
  const replacement = fresh?.getElementById("recipe");
  if (!replacement) return false;
  const before = document.querySelectorAll(".layers__row").length;
  const isOpen = form().querySelector(".recipe__more").open;
  form().replaceWith(document.adoptNode(replacement));
  form().querySelector(".recipe__more").open = isOpen;
  focusAfter(press, before);
  return true;
}

/** The keyboard stays where the change was: on the new layer, or on the one that took the removed one's place. */
function focusAfter(press, before) {
  const rows = [...document.querySelectorAll(".layers__row")];
  const index = press === "add_layer" ? Math.max(0, before - 1) : Number(press.split("-")[1]);
  rows[Math.min(index, rows.length - 1)]?.querySelector("input")?.focus();
}

document.addEventListener("input", (event) => {
  if (event.target.closest("#recipe")) later();
});

document.addEventListener("submit", async (event) => {
  const { target, submitter } = event;
  const press = submitter?.value ?? "start";
  if (target !== form() || press === "start" || target.dataset.isPlain) return;
  event.preventDefault();
  clearTimeout(timer);
  if (await changeLayers(press)) return;
  target.dataset.isPlain = "true"; // no answer: let the browser try it its own way
  target.requestSubmit(submitter);
});
