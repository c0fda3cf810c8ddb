// Every [data-theme-switch] is a group of buttons whose values are auto, light and dark.

const root = document.documentElement;

function show() {
  const current = root.dataset.theme ?? "auto";
  for (const button of document.querySelectorAll("[data-theme-switch] button")) {
    button.setAttribute("aria-pressed", String(button.value === current));
  }
}

function choose(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  show();
  root.dispatchEvent(new CustomEvent("themechange", { bubbles: true }));
}

for (const group of document.querySelectorAll("[data-theme-switch]")) {
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose(button.value);
  });
}
show();
