// What the review could not send stays in this browser, under the id that makes sending it twice harmless, and is sent
// when there is a connection again, reloads and a new login included. Each learner has a box of the own: what one has
// answered is never sent for another who logs in here.
//
// Of one card the first answer that was kept stands, as it would on the server.

const RETRY = 5000;
const box = document.querySelector("[data-outbox]");
const PREFIX = `engram:outbox:${box.dataset.learner}:`;
let timer = null;
let sending = false;

document.addEventListener("htmx:sendError", (event) => failed(event, 0));
document.addEventListener("htmx:timeout", (event) => failed(event, 0));
document.addEventListener("htmx:responseError", (event) => failed(event, event.detail.xhr.status));
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "review" && event.detail.target?.id !== "review") return;
  if (!waiting().length && navigator.onLine) show(null);
  lock();
});
box.querySelector("[data-outbox-send]").addEventListener("click", () => send());
addEventListener("online", () => (waiting().length ? send() : show(null)));
addEventListener("offline", () => show(waiting().length ? "offline" : "ready"));
lock();
if (waiting().length) send();
else if (!navigator.onLine) show("ready");

// --- what is kept in this browser ------------------------------------------------------------------------------------

function failed(event, status) {
  const form = event.detail.elt;
  // What is wrong with the answer itself is for the server to say.
  const isLost = status === 0 || status === 401 || status === 403 || status === 408 || status === 429 || status >= 500;
  if (!form.matches?.("[data-kept-form]") || !isLost) {
    if (isLost && !form.matches?.("[data-note-form]")) show(status === 401 ? "login" : "failed");
    return;
  }
  try {
    keep(event.detail.requestConfig.parameters);
  } catch {
    show("failed"); // a full or forbidden store: then the page waits with the answer on it
    return;
  }
  // htmx frees the buttons after this event.
  setTimeout(() => lock());
  if (status === 401) show("login");
  else if (status === 403) send();
  else later();
}

function keep(parameters) {
  const fields = Object.entries(parameters).filter(([name]) => name !== "csrfmiddlewaretoken");
  const review = parameters.review;
  if (localStorage.getItem(PREFIX + review)) return;
  localStorage.setItem(PREFIX + review, JSON.stringify({ fields, occurredAt: new Date().toISOString() }));
}

function waiting() {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => ({ key, review: key.slice(PREFIX.length), ...JSON.parse(localStorage.getItem(key)) }))
      .sort((one, other) => (one.occurredAt < other.occurredAt ? -1 : 1));
  } catch {
    return []; // a store that is forbidden holds nothing
  }
}

// A card whose answer waits is not answered again.
function lock() {
  const form = document.querySelector("#review [data-kept-form]");
  const kept = form && waiting().find((item) => item.review === form.elements.review.value);
  if (!kept) return;
  const rating = new Map(kept.fields).get("rating");
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.disabled = true;
    if (rating && button.value === rating) button.setAttribute("aria-pressed", "true");
  }
}

// --- sending ---------------------------------------------------------------------------------------------------------

function later() {
  show("offline");
  clearTimeout(timer);
  timer = setTimeout(send, RETRY);
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  const shown = document.querySelector("#review [name=review]")?.value;
  let next = null;
  let state = "sent";
  for (const item of waiting()) {
    const answer = await post(item);
    if (answer.stop) {
      sending = false;
      if (answer.stop === "offline") later();
      else show(answer.stop);
      return;
    }
    localStorage.removeItem(item.key);
    if (answer.status === "rejected") state = "gone";
    if (item.review === shown) next = answer.next;
  }
  sending = false;
  show(state);
  if (next) await window.htmx.ajax("GET", next, { target: "#review", swap: "outerHTML" });
  show(state);
}

async function post(item) {
  const body = new URLSearchParams(item.fields);
  body.set("learner", box.dataset.learner);
  body.set("occurred_at", item.occurredAt);
  let answer;
  try {
    answer = await fetch(box.dataset.url, { method: "POST", body, headers: { "X-CSRFToken": token() } });
  } catch {
    return { stop: "offline" };
  }
  if (answer.status === 401 || answer.status === 403) return { stop: "login" };
  if (answer.status === 409) return { stop: "other" };
  if (answer.status === 404) return { status: "rejected", next: location.pathname };
  return answer.ok ? answer.json() : { stop: "offline" };
}

// Another tab may have logged in since this page was made, and then its token is the one that counts.
function token() {
  return /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? box.dataset.csrf;
}

function show(state) {
  box.hidden = state === null;
  box.classList.toggle("notice--good", state === "sent");
  box.classList.toggle("notice--warn", state !== "sent");
  for (const line of box.querySelectorAll("[data-outbox-state]")) line.hidden = line.dataset.outboxState !== state;
  box.querySelector("[data-outbox-send]").hidden = state !== "offline";
  box.querySelector("[data-outbox-login]").hidden = state !== "login" && state !== "other";
}
