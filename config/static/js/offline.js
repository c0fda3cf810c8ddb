// The [data-offline] line shows while the browser has no network.

const line = document.querySelector("[data-offline]");

function show() {
  line.hidden = navigator.onLine;
}

if (line) {
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
