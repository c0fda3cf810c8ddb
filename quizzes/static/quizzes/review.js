// Keys of the review: Space or Enter shows the answer, 1–4 rate it, Z takes the last rating back.
// It also measures how long an answer took. The keys of a question that is graded are in quiz.js.

const FIELDS = "input:not([type=radio]), select, textarea, a, button, summary, [contenteditable]";
let shownAt = performance.now();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  const review = document.querySelector("[data-review]");
  if (!review || isTyping(event.target)) return;
  // A key held down shows the answer, and must not rate it too.
  if (event.repeat && event.key === "Enter") event.preventDefault();
  const answer = review.querySelector("[data-answer]");
  if (answer?.open && /^[1-4]$/.test(event.key)) press(answer.querySelector(`[data-rating="${event.key}"]`), event);
  if (event.key === "z" || event.key === "Z") press(review.querySelector("[data-undo] button"), event);
  if (event.target instanceof Element && event.target.closest(FIELDS)) return;
  if (answer && !answer.open && (event.key === " " || event.key === "Enter")) press(answer.querySelector("summary"), event);
});

function isTyping(target) {
  return target instanceof Element && target.closest("input:not([type=radio], [type=checkbox]), select, textarea") !== null;
}

function press(button, event) {
  if (!button || event.repeat) return;
  event.preventDefault();
  button.click();
}

// Once the answer is open, Space and Enter rate it Good, as the focused button does.
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches("[data-answer]") || !event.target.open) return;
    event.target.querySelector('[data-rating="3"]')?.focus();
  },
  true,
);

document.addEventListener("htmx:afterSwap", () => {
  shownAt = performance.now();
});

function measure(form) {
  const field = form.querySelector?.("[data-elapsed]");
  if (field) field.value = Math.round(performance.now() - shownAt);
}

// htmx reads the form before the submit event reaches the document.
document.addEventListener("click", (event) => {
  const form = event.target instanceof Element && event.target.closest("button[type=submit]")?.form;
  if (form) measure(form);
}, true);
document.addEventListener("submit", (event) => measure(event.target), true);
