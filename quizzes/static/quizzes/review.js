// Keys of the review: Space or Enter shows the answer, 1–4 rate it, Z takes the last step back; B, S, N and T press what
// the menu offers under these letters, ? shows them all. It also measures how long an answer took. The keys of a
// question that is graded are in quiz.js.

const FIELDS = "input:not([type=radio]), select, textarea, a, button, summary, [contenteditable]";
let shownAt = performance.now();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  const review = document.querySelector("[data-review]");
  if (!review) return;
  if (isTyping(event.target)) {
    if (event.key === "Enter" && !event.shiftKey) compare(event);
    // Out of the field, so that the keys mean something again.
    if (event.key === "Escape" && event.target.closest("[data-typing]")) review.querySelector("[data-answer] > summary").focus();
    return;
  }
  // A key held down shows the answer, and must not rate it too.
  if (event.repeat && event.key === "Enter") event.preventDefault();
  const answer = review.querySelector("[data-answer]");
  if (answer?.open && /^[1-4]$/.test(event.key)) press(answer.querySelector(`[data-rating="${event.key}"]`), event);
  if (event.key === "?") press(document.querySelector(".review__keys"), event);
  if (/^[bnst]$/i.test(event.key)) press(review.querySelector(`[data-key="${event.key.toLowerCase()}"]`), event);
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
    // It was opened for the note in it, and somebody writes already.
    if (isTyping(document.activeElement) && event.target.contains(document.activeElement)) return;
    event.target.querySelector('[data-rating="3"]')?.focus({ preventScroll: true });
  },
  true,
);

// --- an answer that is typed first -------------------------------------------------------------------------------------

function compare(event) {
  const form = event.target.closest("[data-typing]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}

// The answer opens at once, also without a connection; what was typed stays beside it until the comparison is there.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target.closest("[data-typing]");
    if (!form) return;
    const answer = form.closest(".flashcard").querySelector("[data-answer]");
    const typed = form.querySelector("textarea");
    typed.readOnly = true;
    answer.classList.remove("flashcard__answer--after");
    form.querySelector("button").hidden = true;
    answer.open = true;
  },
  true,
);

// What was typed stands in the comparison now.
document.addEventListener("htmx:afterSwap", (event) => {
  const typing = event.detail.target?.id === "compared" && document.querySelector("[data-typing]");
  if (typing && document.querySelector(".compared")) typing.hidden = true;
});

// --- how long it took ------------------------------------------------------------------------------------------------

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "review" || event.target.id === "review") shownAt = performance.now();
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
