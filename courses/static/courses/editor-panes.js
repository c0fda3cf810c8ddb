// The preview shows what is being written: it follows the caret's section. On a small screen one of both is shown.

const HEADING = /^#{2,3}(?!#).*\{[^{}]*#([a-z0-9-]+)[^{}]*\}/;
const FENCE = /^[ \t>]*(`{3,}(?!.*`)|~{3,})/;
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

export function followCaret(area, pane) {
  for (const name of ["keyup", "click", "input"]) area.addEventListener(name, follow);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (pane.contains(event.detail.target)) follow();
  });
  pane.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    const own = link.getAttribute("href");
    if (own.startsWith("#")) return;
    event.preventDefault(); // the text stays open
    window.open(new URL(own, lessonPage()), "_blank", "noopener");
  });

  /** Links of a lesson begin at its page. */
  function lessonPage() {
    return new URL(pane.dataset.pane, location.href);
  }

  function follow() {
    const { before, after, part } = place(area);
    const top = offset(before, 0);
    const bottom = offset(after, pane.scrollHeight);
    const wanted = top + part * (bottom - top) - pane.clientHeight / 4;
    if (pane.scrollHeight <= pane.clientHeight) {
      pane.dataset.section = before; // it does not scroll by itself: it is shown alone
      return;
    }
    if (Math.abs(wanted - pane.scrollTop) < pane.clientHeight / 5) return;
    pane.scrollTo({ top: wanted, behavior: STILL.matches ? "instant" : "smooth" });
  }

  function offset(section, otherwise) {
    const heading = section && pane.querySelector(`[id="${section}"]`);
    return heading ? heading.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop : otherwise;
  }
}

/** The headings around the caret, and how far between them it stands, 0…1. */
function place(area) {
  const caret = area.selectionEnd;
  let [before, begin, after, end, fence, at] = ["", 0, "", area.value.length, "", 0];
  for (const line of area.value.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (mark && (!fence || mark.startsWith(fence))) fence = fence ? "" : mark;
    const found = !fence && HEADING.exec(line);
    if (found && at > caret) {
      [after, end] = [found[1], at];
      break;
    }
    if (found) [before, begin] = [found[1], at];
    at += line.length + 1;
  }
  return { before, after, part: (caret - begin) / Math.max(1, end - begin) };
}

export function showOnePane(editor, shown) {
  const tabs = editor.querySelector("[data-tabs]");
  const pane = editor.querySelector("[data-pane]");
  tabs.hidden = false;
  show("write");
  tabs.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    show(button.value);
    shown();
    if (button.value === "preview") pane.querySelector(`[id="${pane.dataset.section}"]`)?.scrollIntoView();
  });

  function show(name) {
    editor.dataset.shown = name;
    for (const button of tabs.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === name));
  }
}

// The sections that hang on a change stay open or closed while the list is made anew.
const kept = new Map();
document.addEventListener("toggle", (event) => {
  const name = event.target.dataset?.kept;
  if (name && event.target.isConnected) kept.set(name, event.target.open);
}, true);
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const details of document.querySelectorAll("details[data-kept]")) {
    if (kept.has(details.dataset.kept)) details.open = kept.get(details.dataset.kept);
  }
});
