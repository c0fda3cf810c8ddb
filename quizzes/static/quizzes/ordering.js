// Items to be put in order: with a script they move up and down, and their fields follow. Without, the fields stay.

const READY = "ready";

function enhance() {
  for (const question of document.querySelectorAll("[data-ordering]")) {
    if (question.dataset.ordering === READY) continue;
    question.dataset.ordering = READY;
    const list = question.querySelector("ol");
    sortByPlace(list);
    for (const item of list.children) {
      item.querySelector("select").hidden = true;
      for (const part of item.querySelectorAll("[hidden]:not(select)")) part.hidden = false;
    }
    number(list);
  }
}

/** What had been chosen before keeps its place; the rest stays in the order in which it is shown. */
function sortByPlace(list) {
  const place = (item) => Number(item.querySelector("select").value) || Infinity;
  const items = [...list.children];
  if (items.some((item) => place(item) < Infinity)) list.append(...items.sort((a, b) => place(a) - place(b) || 0));
}

function number(list) {
  const items = [...list.children];
  for (const [index, item] of items.entries()) {
    const select = item.querySelector("select");
    select.value = String(index + 1);
    select.removeAttribute("aria-invalid");
    item.querySelector(".ordering__number").textContent = String(index + 1);
    item.querySelector("[data-move=up]").disabled = index === 0;
    item.querySelector("[data-move=down]").disabled = index === items.length - 1;
  }
}

function move(button) {
  const item = button.closest("li");
  const list = item.parentElement;
  if (button.dataset.move === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  number(list);
  for (const other of list.children) other.classList.toggle("ordering__item--moved", other === item);
  // At an end its own button is off: the other one keeps the focus in the item.
  (button.disabled ? item.querySelector("[data-move]:enabled") : button)?.focus();
  announce(item, list);
  item.querySelector("select").dispatchEvent(new Event("change", { bubbles: true }));
}

/** Fields that a script has filled: the items follow them. */
function follow() {
  for (const list of document.querySelectorAll("[data-ordering] ol")) {
    sortByPlace(list);
    number(list);
  }
}

function announce(item, list) {
  const status = list.parentElement.querySelector("[data-ordering-status]");
  const values = { item: item.dataset.plain, place: item.querySelector("select").value, all: list.children.length };
  status.textContent = status.dataset.sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-ordering] [data-move]");
  if (button) move(button);
});
document.addEventListener("form:filled", follow);
document.addEventListener("htmx:afterSwap", enhance);
document.addEventListener("htmx:historyRestore", enhance);
enhance();
