// What is written and not saved is kept in this browser, against a crash or a lost connection, and offered back.

const KEEP_AFTER_MS = 500;
const FIELDS = ["title", "summary", "markdown", "based_on"];

export function keepDraft(editor, form, isUnsaved, taken) {
  const key = `engram:draft:${editor.dataset.draft}`;
  const offer = editor.querySelector("[data-offer]");
  const values = () => Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
  let timer = 0;

  const found = read(key);
  const differs = found && FIELDS.slice(0, 3).some((name) => found[name] !== form.elements[name].value);
  if (differs) present(found);
  else if (!isUnsaved()) forget();

  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(keep, KEEP_AFTER_MS);
  });
  window.addEventListener("pagehide", keep);

  function keep() {
    window.clearTimeout(timer);
    if (!offer.hidden) return; // not over what has not been looked at
    if (!isUnsaved()) forget();
    else write(key, { ...values(), at: new Date().toISOString() });
  }

  function present(draft) {
    const time = offer.querySelector("[data-offer-time]");
    const shape = { dateStyle: "medium", timeStyle: "short" };
    time.dateTime = draft.at;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, shape).format(new Date(draft.at));
    offer.hidden = false;
    offer.querySelector("[data-take]").addEventListener("click", () => {
      // With the version that it began from: if another has been saved since, saving shows both.
      for (const name of FIELDS) form.elements[name].value = draft[name];
      offer.hidden = true;
      form.elements.markdown.focus();
      taken();
    });
    offer.querySelector("[data-drop]").addEventListener("click", () => {
      offer.hidden = true;
      forget();
      form.elements.markdown.focus();
    });
  }

  function forget() {
    window.clearTimeout(timer);
    try {
      localStorage.removeItem(key);
    } catch {
      // Storage is blocked: nothing was kept.
    }
  }

  return { forget };
}

function read(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    const isWhole = draft && FIELDS.every((name) => typeof draft[name] === "string") && !Number.isNaN(Date.parse(draft.at));
    return isWhole ? draft : null;
  } catch {
    return null;
  }
}

function write(key, draft) {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // Full or blocked: the warning before leaving remains.
  }
}
