// The note of a card: N opens it, Ctrl+Enter saves it, Escape leaves it. What is being written stays in this browser
// until the server has it, whatever happens to the page, the connection or the login.

const field = (note) => note.querySelector("textarea");
const failedLine = (note) => note.querySelector("[data-note-failed]");

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("[data-open-note]");
  const note = link && document.querySelector("[data-note]");
  if (!note) return;
  event.preventDefault();
  const menu = link.closest("details[data-menu]");
  if (menu) menu.open = false;
  const answer = note.closest("[data-answer]");
  if (answer) answer.open = true;
  note.querySelector("[data-note-edit]").open = true;
  field(note).focus();
});

document.addEventListener("keydown", (event) => {
  const note = event.target instanceof Element && event.target.matches("[data-note] textarea") && event.target.closest("[data-note]");
  if (!note || event.isComposing) return;
  if (event.key === "Escape") {
    note.querySelector("[data-note-edit]").open = false;
    const next = document.querySelector('#review [data-rating="3"], #review [data-next]');
    next?.focus();
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) note.querySelector("form").requestSubmit();
});

document.addEventListener("input", (event) => {
  const note = event.target instanceof Element && event.target.closest("[data-note]");
  if (note) stash(note);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.matches?.("[data-note-form]")) saveOnLeaving();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches?.("[data-note-form]")) return;
  if (event.detail.successful) forget(form);
  else failedLine(form.closest("[data-note]")).hidden = false;
});
document.addEventListener("htmx:afterSwap", () => begin());
begin();

function key(form) {
  return `engram:note:${form.dataset.key}`;
}

function stash(note) {
  try {
    localStorage.setItem(key(note.querySelector("form")), field(note).value);
  } catch {
    // A full or forbidden store: then only the page keeps it.
  }
}

function forget(form) {
  try {
    localStorage.removeItem(key(form));
  } catch {
    // Nothing was kept.
  }
}

// Puts back what was written and never saved.
function begin() {
  const note = document.querySelector("[data-note]");
  if (!note) return;
  if (note.hasAttribute("data-conflict")) {
    stash(note);
    return;
  }
  let kept = null;
  try {
    kept = localStorage.getItem(key(note.querySelector("form")));
  } catch {
    return;
  }
  if (kept === null) return;
  if (kept === field(note).value) {
    forget(note.querySelector("form"));
    return;
  }
  field(note).value = kept;
  note.querySelector("[data-note-edit]").open = true;
}

// The next card comes before the note was saved: it is sent on the way, and kept if it does not arrive.
async function saveOnLeaving() {
  const note = document.querySelector("[data-note]");
  const form = note?.querySelector("form");
  if (!form || field(note).value === field(note).defaultValue || note.hasAttribute("data-conflict")) return;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    if (answer.ok && !(await answer.text()).includes("data-conflict")) forget(form);
  } catch {
    // It stands in this browser, and on the card when that is shown again.
  }
}
