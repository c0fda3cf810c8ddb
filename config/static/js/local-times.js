// <time datetime="2026-01-31T14:05:00Z" data-local="datetime">: the moment in the reader's own zone and language.
// data-local is date, time or datetime. What the server wrote stays where the browser cannot read the moment.

const language = document.documentElement.lang;
const shapes = {
  date: { dateStyle: "medium" },
  time: { timeStyle: "short" },
  datetime: { dateStyle: "medium", timeStyle: "short" },
};

export function localise(part) {
  for (const time of part.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    const shape = shapes[time.dataset.local] ?? shapes.datetime;
    time.textContent = new Intl.DateTimeFormat(language, shape).format(moment);
  }
}

localise(document);
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
  document.addEventListener(name, (event) => localise(event.detail.target));
}
