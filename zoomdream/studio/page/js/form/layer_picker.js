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
  const [, name, channel] = /^([\w./]+):(\d+)$/.exec(query) ?? [];
  const layer = layers.find((each) => each.short === name);
  return layer && Number(channel) < (layer.channels ?? Infinity) ? { ...layer, name: query, short: query, note: `channel ${channel} of ${name}`, picture: null } : null;
}

const matches = (layer, query) => `${layer.short} ${layer.note ?? ""}`.toLowerCase().includes(query.toLowerCase());

/** The layers of several networks; those of all but the first are written with their network's name. */
async function layersOf(networks) {
  const found = await Promise.allSettled(networks.map(layersOfNetwork));
  if (found.every((each) => each.status === "rejected")) throw found[0].reason;
  return found.flatMap((each, at) => (each.value ?? []).map((layer) => ({ ...layer, network: networks[at], short: at ? `${networks[at]}/${layer.name}` : layer.name })));
}

async function layerPicks(networks, query, { all, channels }, choose) {
  const layers = await layersOf(networks);
  const channel = channels ? channelIn(query, layers) : null;
  const outlined = layers.filter((layer) => layer.outline);
  const found = channel ? [channel] : (all || query || !outlined.length ? layers : outlined).filter((layer) => matches(layer, query));
  const picks = networks.flatMap((network) => {
    const own = found.filter((layer) => layer.network === network);
    return [networks.length > 1 && own.length && h("li", { class: "pick-head" }, network),
      ...own.map((layer) => pick(layer.name, layer.short, layer.note, poster(layer.picture ?? pictureOf(network, "layer", layer.name), layer.short), choose))];
  });
  return {
    picks,
    words: found.length ? `From the first layers, which see strokes, to the last, which see animals.${channels ? " One channel of a layer: fire8:17." : ""}`
      : `No layer matches "${query}".`,
    more: !all && !query && outlined.length > 0 && outlined.length < layers.length ? `All ${layers.length} layers` : "",
  };
}

async function familyPicks(query, choose) {
  const names = (await api.families()).filter((name) => name.includes(query.toLowerCase()));
  return names.map((name) => pick(name, name, "a family", null, choose));
}

async function classPicks(network, query, families, choose) {
  const kinds = families ? await familyPicks(query, choose) : [];
  let found = await api.classes(network, query);
  if (!query && network === "squeezenet1_1") found = PICTURED.map((name) => ({ name }));
  const picks = found.slice(0, 150).map(({ name }) => {
    const url = pictureOf(network, "class", name);
    return pick(name, `class:${name}`, "", url && poster(url, name), choose);
  });
  const words = found.length || kinds.length ? "The network was taught a thousand kinds of things: search for one." : `No class of ${network} matches "${query}".`;
  return { picks: [...kinds, ...picks], words, more: "" };
}

const KINDS = { layers: "Layers", classes: "Classes" };

/** Resolves with an objective's short form, such as "fire8", "fire8:17" or "class:castle", or null.
 *
 * Of several networks the layers of all but the first have their network's name before them, and classes are the
 * first one's. `kinds` says what may be chosen; with `families`, groups of classes by their names as well. */
export function pickObjective(networks, { kinds = ["layers", "classes"], families = false, channels = true } = {}) {
  return dialog("What is dreamed", (close) => {
    let [kind] = kinds;
    let all = false;
    let turn = 0;
    const field = h("input", { class: "field", type: "search", placeholder: "Search", "aria-label": "Search", autofocus: true });
    const list = h("ul", { class: "picks" });
    const words = h("p", { class: "small soft", role: "status" });
    const more = button("", { kind: "small quiet", onclick: () => { all = true; show(); } });
    const tabs = h("div", { class: "segments", role: "tablist", "aria-label": "Kind", hidden: kinds.length < 2 }, kinds.map((name) =>
      h("button", { type: "button", role: "tab", "aria-selected": String(name === kind), data: { kind: name }, onclick: () => { kind = name; show(); } }, KINDS[name])));
    const show = async () => {
      const mine = (turn += 1);
      for (const tab of tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.kind === kind));
      const query = field.value.trim();
      let found;
      try { found = await (kind === "layers" ? layerPicks(networks, query, { all, channels }, close) : classPicks(networks[0], query, families, close)); }
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
