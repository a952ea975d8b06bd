// Elements without a framework: h("button", {class: "button", onclick}, "Save"). Styles go through the CSSOM, which a
// Content-Security-Policy without inline styles allows.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [name, v] of Object.entries(value)) element.style.setProperty(name, v);
    else if (key === "data") Object.assign(element.dataset, value);
    else if (["value", "checked", "disabled", "muted", "indeterminate"].includes(key)) element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);

export const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

const ICONS = {
  gallery: "M4 5h7v6H4z M13 5h7v6h-7z M4 13h7v6H4z M13 13h7v6h-7z",
  sources: "M4 6h16v12H4z M4 15l4.5-4 4 3.5 3-2.5L20 16 M15.5 9.2h.01",
  jobs: "M4 7h16 M4 12h10 M4 17h6 M17 13.5v6l4.2-3z",
  plus: "M12 5v14 M5 12h14",
  close: "M6 6l12 12 M18 6L6 18",
  back: "M14 6l-6 6 6 6",
  more: "M6 12h.01 M12 12h.01 M18 12h.01",
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M8.5 5.5v13 M15.5 5.5v13",
  first: "M7 6v12 M18 6l-8 6 8 6z",
  previous: "M15 6l-8 6 8 6z",
  next: "M9 6l8 6-8 6z",
  undo: "M8 5L4 9l4 4 M4 9h9.5a5.5 5.5 0 0 1 0 11H9",
  redo: "M16 5l4 4-4 4 M20 9h-9.5a5.5 5.5 0 0 0 0 11H15",
  save: "M12 4v11 M7.5 10.5L12 15l4.5-4.5 M5 19.5h14",
  download: "M12 4v11 M7.5 10.5L12 15l4.5-4.5 M5 19.5h14",
  upload: "M12 15V4 M7.5 8.5L12 4l4.5 4.5 M5 19.5h14",
  trash: "M5 7h14 M10 7V4.5h4V7 M7 7l.8 12.5h8.4L17 7",
  warning: "M12 4.5L21 19.5H3z M12 10.5v4 M12 17h.01",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 11v5 M12 8h.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
  curve: "M4 18c6 0 5-12 16-12 M4 18h.01 M20 6h.01",
  key: "M12 5l7 7-7 7-7-7z",
  refresh: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9 M19.5 4.5V9H15",
  sun: "M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z M12 2.5v2 M12 19.5v2 M2.5 12h2 M19.5 12h2 M5.3 5.3l1.4 1.4 M17.3 17.3l1.4 1.4 M18.7 5.3l-1.4 1.4 M6.7 17.3l-1.4 1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  copy: "M9 9h10.5v10.5H9z M5.5 15H4.5V4.5H15v1",
  keyboard: "M3 7h18v10.5H3z M7 10.5h.01 M11 10.5h.01 M15 10.5h.01 M8 14h8",
  film: "M4 5h16v14H4z M8 5v14 M16 5v14 M4 9.7h4 M4 14.3h4 M16 9.7h4 M16 14.3h4",
  sound: "M5 14v-4 M9 17V7 M13 20V4 M17 16V8 M21 13.5v-3",
  dice: "M5 5h14v14H5z M9 9h.01 M15 15h.01 M15 9h.01 M9 15h.01",
  expand: "M5 9.5V5h4.5 M19 9.5V5h-4.5 M5 14.5V19h4.5 M19 14.5V19h-4.5",
  edit: "M5 19l1-4.5L15.5 5 19 8.5 9.5 18z",
  minus: "M5 12h14",
};

const BOLD = new Set(["more", "dice"]);

export function icon(name) {
  const parts = ICONS[name].split(/ (?=M)/).map((d) => svg("path", { d }));
  return svg("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": BOLD.has(name) ? 2.6 : 1.7,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" }, parts);
}

/** A button; with an icon alone, `label` is its name and its tooltip. */
export function button(label, { icon: name, kind = "", tip, bare = false, ...props } = {}) {
  const classes = `button ${kind} ${bare ? "icon" : ""}`;
  const named = bare ? { "aria-label": label, "data-tip": tip ?? label } : { "data-tip": tip };
  return h("button", { type: "button", class: classes, ...named, ...props }, name && icon(name), !bare && h("span", {}, label));
}

export const replace = (element, ...children) => {
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
  return element;
};

/** What runs once after the last of many calls: `wait` milliseconds later. */
export function settle(wait, action) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), wait);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
