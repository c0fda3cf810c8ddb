// The editor of a lesson: keys of its text field, what is saved and what is not. The parts of the page that follow the
// text come by htmx; without this it is a form with two buttons.
import { keepDraft } from "./editor-draft.js";
import { numberLines } from "./editor-lines.js";
import { followCaret, showOnePane } from "./editor-panes.js";

const FIELDS = ["title", "summary", "markdown"];
const editor = document.querySelector("[data-editor]");
if (editor) start();

function start() {
  const form = document.getElementById("editor_form");
  const area = document.getElementById("editor_text");
  const part = (name) => editor.querySelector(`[data-${name}]`);
  const written = (what = "value") => JSON.stringify(FIELDS.map((name) => form.elements[name][what]));
  let saved = "differs" in editor.dataset ? "" : written("defaultValue");
  let sent = "";

  const isUnsaved = () => written() !== saved;
  const show = () => {
    part("unsaved").hidden = !isUnsaved();
  };
  const complain = (words) => {
    part("fault").textContent = words;
    part("fault").hidden = !words;
  };

  part("without-script").hidden = true;
  part("keys").hidden = false;
  numberLines(editor, area);
  followCaret(area, part("pane"));
  showOnePane(editor, () => area.dispatchEvent(new Event("click")));
  const draft = keepDraft(editor, form, isUnsaved, () => {
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });

  form.addEventListener("input", show);

  area.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") area.dataset.leaving = "";
    else if (event.key === "Tab" && !event.shiftKey && !("leaving" in area.dataset)) {
      event.preventDefault();
      insert(area, "    ");
    } else if (event.key !== "Shift") delete area.dataset.leaving;
  });
  area.addEventListener("blur", () => delete area.dataset.leaving);

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    form.requestSubmit(part("save"));
  });

  // --- what came of saving ---

  const isSaving = (event) => event.detail.elt === form;
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (!isSaving(event)) return;
    sent = written();
    complain("");
  });
  document.body.addEventListener("editor:saved", () => {
    saved = sent;
    show();
    draft.forget();
  });
  document.body.addEventListener("editor:conflict", () => {
    saved = written(); // the page that comes has the text
    form.submit();
  });
  form.addEventListener("htmx:responseError", (event) => {
    const isStranger = [403, 404].includes(event.detail.xhr.status);
    if (isSaving(event)) complain(isStranger ? editor.dataset.refused : editor.dataset.failed);
  });
  form.addEventListener("htmx:sendError", (event) => {
    if (isSaving(event)) complain(editor.dataset.failed);
  });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved()) event.preventDefault();
  });
  show();
  // What was typed before this could listen.
  document.addEventListener("DOMContentLoaded", () => {
    if (written() !== written("defaultValue")) area.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/** As if it had been typed, so that it can be undone. */
function insert(area, text) {
  if (document.execCommand("insertText", false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}
