// Keeps how far a lesson has been read: the thin line for everyone, the stored progress for who is logged in.
// Progress only grows, so a report that is lost, late or sent twice does no harm.

const lesson = document.querySelector("[data-lesson]");
const text = document.querySelector("[data-lesson-text]");
const line = document.querySelector("[data-lesson-line]");
const links = new Map();
for (const link of document.querySelectorAll("[data-contents]")) {
  links.set(link.dataset.contents, [...(links.get(link.dataset.contents) ?? []), link]);
}

const REPORT_AFTER_MS = 1500;
const STAYED_AFTER_MS = 1000;
const url = lesson?.dataset.progressUrl;
const seen = new Set();
let furthest = Number(lesson?.dataset.position ?? 0) / 100;
let unsent = false;
let timer = 0;
let place = "";
let staying = 0;

function reach() {
  const box = text.getBoundingClientRect();
  const below = window.innerHeight - box.top;
  return Math.min(1, Math.max(0, below / Math.max(1, box.height)));
}

function move() {
  const position = reach();
  line.value = Math.round(position * 100);
  if (position > furthest) {
    furthest = position;
    later();
  }
}

function later() {
  unsent = true;
  if (url && !timer) timer = window.setTimeout(report, REPORT_AFTER_MS);
}

async function report() {
  window.clearTimeout(timer);
  timer = 0;
  if (!url || !unsent) return;
  unsent = false;
  const body = JSON.stringify({ position: Number(furthest.toFixed(4)), sections: [...seen] });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": lesson.dataset.csrf };
  try {
    const answer = await fetch(url, { method: "PUT", headers, body, keepalive: true });
    if (!answer.ok && answer.status >= 500) unsent = true;
  } catch {
    unsent = true; // without a network: the next step forward tries again
  }
}

function markCurrent(id) {
  window.clearTimeout(staying);
  staying = window.setTimeout(() => {
    if (window.scrollY > window.innerHeight / 2) place = id;
  }, STAYED_AFTER_MS);
  for (const [key, entries] of links) {
    for (const link of entries) {
      if (key === id) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  }
}

function watchHeadings() {
  const headings = [...text.querySelectorAll("h2[id], h3[id]")].filter((heading) => links.has(heading.id));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      markCurrent(entry.target.id);
      if (seen.has(entry.target.id)) continue;
      seen.add(entry.target.id);
      later();
    }
  }, { rootMargin: "0px 0px -33% 0px" });
  for (const heading of headings) watcher.observe(heading);
}

// The sections of a lesson have the same ids in every language: the other one opens where this one was read. To reach
// the button a reader scrolls to the top, so the place is where they last stayed below it.
function keepPlaceInOtherLanguages() {
  for (const button of document.querySelectorAll("button[name=language]")) {
    button.form.addEventListener("submit", () => {
      const { next } = button.form.elements;
      if (next && place) next.value = `${next.value.split("#")[0]}#${place}`;
    });
  }
}

if (lesson && text && line) {
  watchHeadings();
  keepPlaceInOtherLanguages();
  let asked = false;
  const onMove = () => {
    if (asked) return;
    asked = true;
    window.requestAnimationFrame(() => {
      asked = false;
      move();
    });
  };
  window.addEventListener("scroll", onMove, { passive: true });
  window.addEventListener("resize", onMove, { passive: true });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") report();
  });
  window.addEventListener("pagehide", report);
  move();
}
