// In a lesson: a text that is selected, by mouse, touch or keyboard, becomes the back of a card of one's own. The form
// opens over the text; what was written stays in it until it is kept, also when it is closed meanwhile.

import { markdownOf } from "./selection-markdown.js";

const text = document.querySelector("[data-lesson-text]");
const offer = document.querySelector("[data-own-card-offer]");
const dialog = document.querySelector("[data-own-card]");
const place = dialog?.querySelector("[data-own-card-place]");
const links = [...document.querySelectorAll("[data-own-card-heading]")];
const SHORTEST = 2;
const SETTLED_AFTER_MS = 200;
let timer = 0;
let prefilled = "";

function selected() {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!text.contains(range.commonAncestorContainer)) return null;
  if (document.activeElement?.closest("textarea, input")) return null;
  return range.toString().trim().length >= SHORTEST ? range : null;
}

function showOffer() {
  const range = selected();
  if (!range || dialog.open) {
    offer.hidden = true;
    return;
  }
  const boxes = range.getClientRects();
  const box = boxes[boxes.length - 1] ?? range.getBoundingClientRect();
  offer.hidden = false;
  const widest = document.documentElement.clientWidth - offer.offsetWidth - 8;
  const origin = offer.offsetParent?.getBoundingClientRect() ?? { left: 0, top: 0 };
  offer.style.left = `${Math.max(8, Math.min(box.right - offer.offsetWidth / 2, widest)) - origin.left}px`;
  offer.style.top = `${box.bottom + 10 - origin.top}px`;
}

function linkOf(range) {
  const before = links.filter((link) => {
    const heading = document.getElementById(link.dataset.ownCardHeading);
    if (!heading) return false;
    const end = document.createRange();
    end.selectNode(heading);
    return end.compareBoundaryPoints(Range.START_TO_START, range) <= 0;
  });
  return before[before.length - 1] ?? links[0];
}

function fields() {
  const form = place.querySelector("form");
  return form && { form, front: form.elements.front, back: form.elements.back };
}

function put(html) {
  place.innerHTML = html;
  const kept = place.querySelector("[data-own-card-kept]");
  (kept ?? place.querySelector("[aria-invalid=true]") ?? fields()?.front)?.focus();
}

async function open(link, back) {
  const written = fields();
  if (written?.front.value.trim()) {
    if (back && written.back.value === prefilled) written.back.value = back;
  } else {
    const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
    if (!answer.ok) {
      window.location.assign(link.href);
      return;
    }
    put(await answer.text());
    const fresh = fields();
    if (fresh) fresh.back.value = back;
  }
  prefilled = back;
  offer.hidden = true;
  dialog.showModal();
  fields()?.front.focus();
}

async function send(form) {
  const failed = form.querySelector("[data-own-card-failed]");
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  failed.hidden = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "HX-Request": "true" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (!answer.ok) throw new Error(`${answer.status}`);
    put(await answer.text());
  } catch {
    failed.hidden = false;
  } finally {
    button.disabled = false;
  }
}

if (text && offer && dialog?.showModal && links.length > 0) {
  document.addEventListener("selectionchange", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(showOffer, SETTLED_AFTER_MS);
  });
  window.addEventListener("resize", showOffer);
  offer.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  offer.addEventListener("click", () => {
    const range = selected();
    if (range) open(linkOf(range), markdownOf(range));
  });
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const range = selected();
      open(link, range ? markdownOf(range) : "");
    });
  }
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.target);
  });
  dialog.addEventListener("close", () => {
    if (place.querySelector("[data-own-card-kept]")) place.replaceChildren();
  });
}
