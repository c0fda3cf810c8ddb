// Runs before the first paint: a chosen theme wins over the system's. Django's admin reads the same key and attribute.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is blocked: the system decides.
}
