// The place for a file: it can be dropped there, says at once when it is too large, and shows how much of it is sent.
// Without this it is a plain field of a plain form.

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** `340 KB`, `2.5 MB`: as the server writes sizes. */
function megabytes(size) {
  if (size < 1e6) return `${Math.max(1, Math.round(size / 1e3))} KB`;
  return `${(size / 1e6).toFixed(1).replace(/\.0$/, "")} MB`;
}

for (const form of document.querySelectorAll("form[data-upload]")) start(form);

function start(form) {
  const part = (name) => form.querySelector(`[data-${name}]`);
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button[type=submit]");
  const drop = part("drop");
  const words = form.dataset;
  form.noValidate = true; // what is missing is said beside the field
  drop.classList.add("drop--live");
  part("hint").hidden = false;

  const say = (fault) => {
    part("fault").textContent = fault;
    part("fault").hidden = !fault;
    input.toggleAttribute("aria-invalid", false);
    if (fault) input.setAttribute("aria-invalid", "true");
  };

  /** Whether there is a file that may be sent; what is wrong stands beside the field. */
  function check() {
    const file = input.files[0];
    const most = Number(words.most);
    const isTooLarge = file && file.size > most;
    part("hint").hidden = Boolean(file);
    part("chosen").hidden = !file || isTooLarge;
    if (file) part("chosen").textContent = megabytes(file.size);
    say(isTooLarge ? fill(words.tooLarge, { size: megabytes(file.size) }) : "");
    return Boolean(file) && !isTooLarge;
  }

  input.addEventListener("change", check);

  let depth = 0; // dragging over what lies in the zone leaves it and enters it again
  drop.addEventListener("dragenter", () => drop.classList.toggle("drop--over", ++depth > 0));
  drop.addEventListener("dragleave", () => drop.classList.toggle("drop--over", --depth > 0));
  drop.addEventListener("dragover", (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    drop.classList.remove("drop--over");
    if (!event.dataTransfer.files.length) return;
    const chosen = new DataTransfer();
    chosen.items.add(event.dataTransfer.files[0]);
    input.files = chosen.files;
    check();
    button.focus();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    if (!check()) {
      if (!input.files.length) say(words.none);
      input.focus();
      return;
    }
    send();
  });

  function send() {
    const request = new XMLHttpRequest();
    const sending = part("sending");
    const show = (percent) => {
      sending.querySelector("progress").value = percent;
      sending.querySelector("p").textContent = fill(words.sentWords, { percent });
    };
    const stop = (fault) => {
      sending.hidden = true;
      button.disabled = false;
      say(fault);
      input.focus();
    };
    show(0);
    sending.hidden = false;
    button.disabled = true;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) show(Math.floor((100 * event.loaded) / event.total));
    });
    request.addEventListener("error", () => stop(words.failed));
    request.addEventListener("load", () => {
      if (request.status === 200) location.assign(request.responseURL);
      else stop(faultIn(request.responseText) || words.failed);
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  }
}

/** What the server says is wrong with the file, from the page it answers with. */
function faultIn(page) {
  return new DOMParser().parseFromString(page, "text/html").querySelector("[data-fault]")?.textContent.trim();
}

// Coming back by the back button: the form is as it was left, and can be sent again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
