// Numbers beside the lines of the text, marks on those that something is wrong with, and the way from a problem to its
// line. Behind the field lies a copy of its lines that breaks where the field breaks.

const MOST_LINES = 5000;

export function numberLines(editor, area) {
  const lines = editor.querySelector("[data-lines]");
  const findings = document.getElementById("editor_findings");
  let shown = [];

  editor.classList.add("editor--numbered");
  new ResizeObserver(() => {
    lines.style.width = `${area.clientWidth}px`;
  }).observe(area);
  area.addEventListener("scroll", scroll, { passive: true });
  area.addEventListener("input", copy);
  document.addEventListener("htmx:oobAfterSwap", mark);
  findings.addEventListener("click", (event) => {
    const link = event.target.closest("[data-to-line]");
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.toLine));
  });
  copy();
  mark();

  function scroll() {
    lines.style.transform = `translateY(${-area.scrollTop}px)`;
  }

  /** Only the lines that have changed: what is the same at both ends stays. */
  function copy() {
    const text = area.value.split("\n").slice(0, MOST_LINES);
    let head = 0;
    while (head < text.length && head < shown.length && text[head] === shown[head]) head += 1;
    let tail = 0;
    const most = Math.min(text.length, shown.length) - head;
    while (tail < most && text[text.length - 1 - tail] === shown[shown.length - 1 - tail]) tail += 1;
    for (let left = shown.length - head - tail; left > 0; left -= 1) lines.children[head].remove();
    lines.children[head] ? lines.children[head].before(...made(text, head, tail)) : lines.append(...made(text, head, tail));
    shown = text;
    scroll();
  }

  function made(text, head, tail) {
    return text.slice(head, text.length - tail).map((words) => {
      const line = document.createElement("div");
      line.className = "editor__line";
      line.append(Object.assign(document.createElement("span"), { textContent: words }));
      return line;
    });
  }

  function mark() {
    for (const line of lines.querySelectorAll(".editor__line--error, .editor__line--warning")) line.className = "editor__line";
    for (const item of [...findings.querySelectorAll("[data-line]")].reverse()) {
      lines.children[Number(item.dataset.line) - 1]?.classList.add(`editor__line--${item.dataset.severity}`);
    }
  }

  function goTo(number) {
    const text = area.value.split("\n");
    const start = text.slice(0, number - 1).reduce((length, line) => length + line.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + (text[number - 1] ?? "").length);
    const line = lines.children[number - 1];
    if (line) area.scrollTop = line.offsetTop - area.clientHeight / 3;
    area.dispatchEvent(new Event("click"));
  }
}
