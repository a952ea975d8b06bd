// A dialog to choose what is dreamed: layers from shallow to deep with a picture of what each sees, and classes by name.
import * as api from "../base/api.js";
import { h, replace, settle } from "../base/dom.js";
import { dialog } from "../base/floating.js";
import { layersOfNetwork } from "../text/completion.js";
import { poster } from "../library/cards.js";

function layerPick({ name, note, picture }, choose) {
  return h("li", {}, h("button", { type: "button", class: "pick", data: { name }, onclick: () => choose(name) },
    poster(picture, name), h("strong", {}, name), note && h("span", {}, note)));
}

const classPick = ({ name, index }, choose) =>
  h("li", {}, h("button", { type: "button", class: "pick", data: { name }, onclick: () => choose(`class:${name}`) }, h("strong", {}, name),
    h("span", { class: "unseen" }, `class ${index}`)));

/** Resolves with an objective's short form, such as "fire8" or "class:castle", or null. */
export function pickObjective(network) {
  return dialog("What is dreamed", (close) => {
    let kind = "layers";
    const field = h("input", { class: "field", type: "search", placeholder: "Search", "aria-label": "Search", autofocus: true });
    const list = h("ul", { class: "picks" });
    const words = h("p", { class: "small soft", role: "status" });
    const tabs = h("div", { class: "segments", role: "tablist", "aria-label": "Kind" }, [["layers", "Layers"], ["classes", "Classes"]].map(([name, title]) =>
      h("button", { type: "button", role: "tab", "aria-selected": String(name === kind), data: { kind: name }, onclick: () => { kind = name; show(); } }, title)));
    const show = async () => {
      for (const tab of tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.kind === kind));
      list.className = `picks ${kind === "classes" ? "names" : ""}`;
      const query = field.value.trim();
      try {
        if (kind === "layers") {
          const found = (await layersOfNetwork(network)).filter(({ name, note }) => `${name} ${note ?? ""}`.toLowerCase().includes(query.toLowerCase()));
          words.textContent = found.length ? "From the first layers, which see strokes, to the last, which see animals and buildings." : `No layer matches "${query}".`;
          replace(list, found.map((layer) => layerPick(layer, close)));
        } else {
          const found = await api.classes(network, query);
          words.textContent = found.length ? "What the network was taught to recognize: a thousand kinds of things." : `No class matches "${query}".`;
          replace(list, found.slice(0, 120).map((each) => classPick(each, close)));
        }
      } catch (error) { words.textContent = error.message; replace(list); }
    };
    field.addEventListener("input", settle(120, show));
    show();
    return { body: [h("div", { class: "picker-tools" }, tabs, field), words, list] };
  }, { wide: true });
}
