// Which view is shown is in the address: #/gallery, #/preset/NAME, #/shipped/NAME, #/sources, #/jobs.
const places = [];
let current = null;
let leaving = null;

/** A view: `show(element, name)` draws it and gives what ends it. */
export const route = (pattern, title, show) => places.push({ pattern, title, show });

export const go = (hash) => { location.hash = hash; };
export const presetAddress = (name, shipped) => `#/${shipped ? "shipped" : "preset"}/${encodeURIComponent(name)}`;

/** Exchanges the address without drawing the view anew: a copy was saved under another name. */
export function rename(hash) {
  history.replaceState(null, "", hash);
  current = hash;
}

function draw(view) {
  const hash = location.hash || "#/gallery";
  if (hash === current) return;
  const [, place, name] = hash.split("/");
  const found = places.find((each) => each.pattern === place) ?? places[0];
  leaving?.();
  current = hash;
  view.replaceChildren();
  view.className = `view-${found.pattern}`;
  view.scrollTop = 0;
  document.title = `${name ? decodeURIComponent(name).replace(/\.ya?ml$/, "") : found.title} · zoomdream studio`;
  leaving = found.show(view, name && decodeURIComponent(name)) ?? null;
  const nav = found.pattern === "preset" || found.pattern === "shipped" ? "gallery" : found.pattern;
  for (const link of document.querySelectorAll(".places a")) {
    if (link.dataset.place === nav) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

export function startRouter(view) {
  addEventListener("hashchange", () => { draw(view); view.focus({ preventScroll: true }); });
  draw(view);
}
