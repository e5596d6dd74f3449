// Before the first paint: a chosen theme wins over the system's. A file, because the page's policy allows no inline script.
try {
  const theme = localStorage.getItem("lanthorn.theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // storage is blocked: the system's theme it is
}
