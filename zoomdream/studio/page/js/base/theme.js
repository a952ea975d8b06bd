// Light or dark: the system's choice, until the person takes another; kept in this browser.
const KEY = "zoomdream-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function apply() {
  const wanted = localStorage.getItem(KEY) ?? (dark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = wanted;
  dispatchEvent(new CustomEvent("theme", { detail: wanted }));
}

export function startTheme() {
  dark.addEventListener("change", apply);
  apply();
}

export function switchTheme() {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  if (next === (dark.matches ? "dark" : "light")) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
  apply();
}
