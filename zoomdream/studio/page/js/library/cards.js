// The cards of the gallery and of the sources: a picture, a name, a line about it.
import { button, h, svg } from "../base/dom.js";
import { openMenu } from "../base/floating.js";

function hash(text) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 100003;
  return sum;
}

/** A drawing in place of a poster that is not there yet: nested squares, turned and colored by the name. */
export function drawing(name) {
  const seed = hash(name);
  const squares = [...Array(7).keys()].map((n) => {
    const size = 190 * 0.74 ** n;
    return svg("rect", { x: 160 - size / 2, y: 90 - size / 2, width: size, height: size, rx: size / 7,
      transform: `rotate(${n * ((seed % 23) - 11)} 160 90)`, opacity: 0.12 + 0.1 * n });
  });
  return svg("svg", { class: "drawing", viewBox: "0 0 320 180", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true",
    fill: "none", "stroke-width": 1.6, stroke: `var(--band-${seed % 8})` }, squares);
}

/** A picture that falls back to a drawing where there is none. */
export function poster(url, name) {
  if (!url) return drawing(name);
  const image = h("img", { src: url, alt: "", loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.replaceWith(drawing(name)));
  return image;
}

/** A card. `href` or `onclick` opens it; `menu` gives the items of its menu; `over` lies on the picture. */
export function card({ name, title, text, picture, href, onclick, menu, over, data = {} }) {
  const open = href
    ? h("a", { class: "open", href }, title)
    : h("button", { type: "button", class: "open", onclick }, title);
  const more = menu && button(`More about ${title}`, { icon: "more", kind: "quiet small", bare: true, tip: "More",
    "aria-haspopup": "menu", onclick: (event) => openMenu(event.currentTarget, menu(), { name: title }) });
  return h("li", { class: "card", data: { name, ...data } },
    h("div", { class: "frame" }, picture ?? drawing(name), over),
    h("div", { class: "words" }, h("div", { class: "row" }, h("h3", { class: "grow clip" }, open), more),
      text && h("p", { class: "small soft" }, text)));
}

/** A heading with what can be done beside it, over a grid of cards. */
export function shelf(title, hint, cards, actions = []) {
  return h("section", { class: "shelf" },
    h("header", { class: "row wrap" }, h("h2", {}, title), hint && h("p", { class: "small faint grow" }, hint), actions),
    h("ul", { class: "cards" }, cards));
}
