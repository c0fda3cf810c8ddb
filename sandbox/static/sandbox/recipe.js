// The recipe answers while it is being filled in: cost and drawing follow each change, layers come and go in place.
// Without this module the same buttons submit the form.
import { fetchPage, takeOver } from "./page.js";

const PAUSE = 350;
const STEPS = { move_up: -1, move_down: 1 };

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
  if (!fresh) return;
  takeOver(fresh, ["outlook", "kept", "challenge"]);
  forgetErrors(fresh);
}

/** What was wrong at a field and is not any more. What is newly wrong stands beside the start button. */
function forgetErrors(fresh) {
  for (const old of form().querySelectorAll(".errorlist[id]")) {
    if (fresh.getElementById(old.id)) continue;
    const field = document.getElementById(old.id.replace(/_error$/, ""));
    const described = field && fresh.getElementById(field.id)?.getAttribute("aria-describedby");
    field?.removeAttribute("aria-invalid");
    if (described) field.setAttribute("aria-describedby", described);
    else field?.removeAttribute("aria-describedby");
    old.remove();
  }
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

/** The keyboard stays where the change was: on the new layer, on the one that was moved, or on the one that took the
 * removed one's place. */
function focusAfter(press, before) {
  const rows = [...document.querySelectorAll(".layers__row")];
  const [change, number] = press.split("-");
  const index = number === undefined ? Math.max(0, before - 1) : Number(number) + (STEPS[change] ?? 0);
  const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
  const button = change in STEPS && row?.querySelector(`[value^="${change}-"]:enabled`); // to move it on
  (button || row?.querySelector("input:not([type=hidden])"))?.focus();
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
