// A sitting of a quiz: what is written is saved while it is written, and says so; the clock counts down.
//
// What cannot be sent stays in this browser under a key of its own until it has been sent, reloads included. Every write
// has a number one higher than what it replaces, so that a late one never overwrites a newer one.

const PAUSE = 700;
const RETRY = 3000;
const saving = { timer: null, sending: false, waiting: false };

document.addEventListener("input", (event) => changed(event));
document.addEventListener("change", (event) => changed(event));
document.addEventListener("submit", () => clearTimeout(saving.timer));
document.addEventListener("htmx:afterSwap", () => begin());
document.addEventListener("htmx:afterRequest", (event) => {
  const sent = event.detail.elt;
  if (event.detail.successful && sent.matches("[data-draft-url]")) forget(sent);
});
document.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.matches("[data-draft-url]")) return;
  stash(event.detail.elt);
  save();
});
addEventListener("online", () => save());
addEventListener("pagehide", () => flush());
begin();
clock();

function form() {
  return document.querySelector("[data-draft-url]");
}

function changed(event) {
  const asked = event.target instanceof Element && event.target.closest("[data-draft-url]");
  if (!asked) return;
  stash(asked);
  show("writing");
  clearTimeout(saving.timer);
  saving.timer = setTimeout(save, PAUSE);
}

// --- what is kept in this browser ------------------------------------------------------------------------------------

function key(asked) {
  return `engram:draft:${asked.dataset.draftUrl}`;
}

function stash(asked) {
  const fields = [...new FormData(asked)].filter(([name]) => name !== "csrfmiddlewaretoken");
  try {
    localStorage.setItem(key(asked), JSON.stringify({ fields, sequence: Number(asked.dataset.sequence) }));
  } catch {
    // A full or forbidden store: then only the server keeps it.
  }
}

function stashed(asked) {
  try {
    return JSON.parse(localStorage.getItem(key(asked)));
  } catch {
    return null;
  }
}

function forget(asked) {
  try {
    localStorage.removeItem(key(asked));
  } catch {
    // Nothing was kept.
  }
}

// Puts back what this browser could not send before; unless the server has something newer.
function begin() {
  saving.waiting = false;
  const asked = form();
  const kept = asked && stashed(asked);
  if (!kept) return;
  if (kept.sequence < Number(asked.dataset.sequence)) {
    forget(asked);
    return;
  }
  fill(asked, kept.fields);
  save();
}

function fill(asked, fields) {
  const values = new Map(fields);
  for (const field of asked.elements) {
    if (!field.name || field.type === "hidden") continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.get(field.name) === field.value;
    else if (values.has(field.name)) field.value = values.get(field.name);
  }
  asked.dispatchEvent(new CustomEvent("form:filled", { bubbles: true }));
}

// --- sending ---------------------------------------------------------------------------------------------------------

async function save() {
  const asked = form();
  if (!asked || !stashed(asked)) return;
  if (saving.sending) {
    saving.waiting = true;
    return;
  }
  saving.sending = true;
  clearTimeout(saving.timer);
  const sequence = Number(asked.dataset.sequence) + 1;
  const sent = localStorage.getItem(key(asked));
  try {
    const answer = await fetch(asked.dataset.draftUrl, { method: "POST", body: body(asked, sequence) });
    if (!answer.ok && answer.status !== 409) throw new Error(String(answer.status));
    const { status } = await answer.json();
    if (status === "saved") asked.dataset.sequence = String(sequence);
    if (localStorage.getItem(key(asked)) === sent) forget(asked);
    show({ saved: "saved", outdated: "outdated" }[status] ?? "ended");
  } catch {
    show("offline");
    saving.timer = setTimeout(save, RETRY);
  }
  saving.sending = false;
  if (saving.waiting || stashed(asked)) {
    saving.waiting = false;
    if (!document.querySelector('[data-saving-state="offline"]:not([hidden])')) saving.timer = setTimeout(save, PAUSE);
  }
}

function body(asked, sequence) {
  const data = new FormData(asked);
  data.set("sequence", String(sequence));
  return data;
}

// The page is left: what has not been sent is sent in any case.
function flush() {
  const asked = form();
  if (!asked || !stashed(asked) || !navigator.sendBeacon) return;
  navigator.sendBeacon(asked.dataset.draftUrl, body(asked, Number(asked.dataset.sequence) + 1));
}

function show(state) {
  const line = document.querySelector("[data-saving]");
  if (!line) return;
  line.hidden = false;
  for (const one of line.querySelectorAll("[data-saving-state]")) one.hidden = one.dataset.savingState !== state;
}

// --- the clock -------------------------------------------------------------------------------------------------------

function clock() {
  const box = document.querySelector("[data-clock]");
  if (!box) return;
  const ahead = Date.now() - Date.parse(box.dataset.now);
  const ends = Date.parse(box.dataset.expires) + ahead;
  const left = box.querySelector("[data-clock-left]");
  const said = box.querySelector("[data-clock-said]");
  let before = Infinity;
  const tick = async () => {
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    left.textContent = written(seconds);
    box.toggleAttribute("data-soon", seconds <= 60);
    for (const minutes of [10, 5]) {
      if (before > minutes * 60 && seconds <= minutes * 60 && before !== Infinity) {
        said.textContent = said.dataset.minutes.replace("{minutes}", String(minutes));
      }
    }
    if (before > 60 && seconds <= 60 && before !== Infinity) said.textContent = said.dataset.minute;
    before = seconds;
    if (seconds > 0) {
      setTimeout(tick, 250);
      return;
    }
    said.textContent = said.dataset.over;
    await save();
    box.querySelector("[data-clock-form]").submit();
  };
  tick();
}

function written(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}
