// Keys of the quiz: 1–9 choose or tick, Enter checks, Enter again goes on. Keys that belong to a field stay there.
import "./ordering.js";

const FIELDS = "input:not([type=radio], [type=checkbox]), select, textarea, a, button, summary, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (event.target instanceof Element && event.target.closest(FIELDS)) return;
  const question = document.getElementById("question");
  if (!question) return;
  if (/^[1-9]$/.test(event.key)) choose(question, Number(event.key), event);
  if (event.key === "Enter") goOn(question, event);
});

function choose(question, number, event) {
  const choice = question.querySelectorAll("input:is([type=radio], [type=checkbox]):enabled")[number - 1];
  if (!choice) return;
  event.preventDefault();
  choice.checked = choice.type === "radio" || !choice.checked;
  choice.focus();
}

function goOn(question, event) {
  const next = question.querySelector("[data-next]");
  const form = question.querySelector("[data-question-form]");
  event.preventDefault();
  if (next) next.click();
  else form?.requestSubmit();
}
