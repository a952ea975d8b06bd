// A dialog to choose what is dreamed: layers from shallow to deep with a picture of what each sees, one of their channels, or a class.
import * as api from "../base/api.js";
import { button, h, replace, settle } from "../base/dom.js";
import { dialog } from "../base/floating.js";
import { poster } from "../library/cards.js";
import { layersOfNetwork } from "../text/completion.js";
import { PICTURED, pictureOf } from "./pictures.js";

function pick(name, short, note, picture, choose) {
  return h("li", {}, h("button", { type: "button", class: "pick", data: { name: short }, onclick: () => choose(short) }, picture,
    h("span", { class: "pick-words" }, h("strong", {}, name), note && h("span", {}, note))));
}

/** "fire8:17" asks for one channel of a layer. */
function channelIn(query, layers) {
  const [, name, channel] = /^([\w.]+):(\d+)$/.exec(query) ?? [];
  const layer = layers.find((each) => each.name === name);
  return layer && Number(channel) < (layer.channels ?? Infinity) ? { name: query, note: `channel ${channel} of ${name}` } : null;
}

const matches = (layer, query) => `${layer.name} ${layer.note ?? ""}`.toLowerCase().includes(query.toLowerCase());

async function layerPicks(network, query, all, choose) {
  const layers = await layersOfNetwork(network);
  const channel = channelIn(query, layers);
  const outlined = layers.filter((layer) => layer.outline);
  const found = channel ? [channel] : (all || query || !outlined.length ? layers : outlined).filter((layer) => matches(layer, query));
  return {
    picks: found.map((layer) => pick(layer.name, layer.name, layer.note, poster(layer.picture ?? pictureOf(network, "layer", layer.name), layer.name), choose)),
    words: found.length ? "From the first layers, which see strokes, to the last, which see animals. One channel of a layer: fire8:17."
      : `No layer matches "${query}".`,
    more: !all && !query && outlined.length > 0 && outlined.length < layers.length ? `All ${layers.length} layers` : "",
  };
}

async function classPicks(network, query, choose) {
  let found = await api.classes(network, query);
  if (!query && network === "squeezenet1_1") found = PICTURED.map((name) => ({ name }));
  const picks = found.slice(0, 150).map(({ name }) => {
    const url = pictureOf(network, "class", name);
    return pick(name, `class:${name}`, "", url && poster(url, name), choose);
  });
  return { picks, words: found.length ? "The network was taught a thousand kinds of things: search for one." : `No class matches "${query}".`, more: "" };
}

/** Resolves with an objective's short form, such as "fire8", "fire8:17" or "class:castle", or null. */
export function pickObjective(network) {
  return dialog("What is dreamed", (close) => {
    let kind = "layers";
    let all = false;
    let turn = 0;
    const field = h("input", { class: "field", type: "search", placeholder: "Search", "aria-label": "Search", autofocus: true });
    const list = h("ul", { class: "picks" });
    const words = h("p", { class: "small soft", role: "status" });
    const more = button("", { kind: "small quiet", onclick: () => { all = true; show(); } });
    const tabs = h("div", { class: "segments", role: "tablist", "aria-label": "Kind" }, [["layers", "Layers"], ["classes", "Classes"]].map(([name, title]) =>
      h("button", { type: "button", role: "tab", "aria-selected": String(name === kind), data: { kind: name }, onclick: () => { kind = name; show(); } }, title)));
    const show = async () => {
      const mine = (turn += 1);
      for (const tab of tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.kind === kind));
      const query = field.value.trim();
      let found;
      try { found = await (kind === "layers" ? layerPicks(network, query, all, close) : classPicks(network, query, close)); }
      catch (error) { found = { picks: [], words: error.message, more: "" }; }
      if (mine !== turn) return;
      list.className = `picks ${kind === "classes" ? "names" : ""}`;
      words.textContent = found.words;
      more.textContent = found.more;
      more.hidden = !found.more;
      replace(list, found.picks);
    };
    field.addEventListener("input", settle(120, show));
    show();
    return { body: [h("div", { class: "picker-tools" }, tabs, field), words, list, more] };
  }, { wide: true });
}
