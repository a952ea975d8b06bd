// A sweep through layers, or a walk through channels or classes: what comes, for how long, and what is dreamed beside it.
import { button, h } from "../base/dom.js";
import { pickObjective } from "./layer_picker.js";
import { nameOf, nameParts, weightRow } from "./weights.js";

const WORDS = {
  sweep: ["One layer after the other", "Each layer alone, in this order."],
  channels: ["A walk through the channels of", "A layer's channels take turns, each alone: every one has grown to see something of its own."],
  classes: ["A walk through", "Kinds of things take turns, each alone: a family such as birds, or one class."],
};

/** What a value of dream.layers goes through: {kind, path, stops, walk}; null where it is no sweep and no walk. */
export function walkOf(value) {
  if (!value || typeof value !== "object" || Array.isArray(value)) return null;
  if (value.sweep) return { kind: "sweep", path: ["sweep"], written: value.sweep, walk: null };
  const walk = value.wander;
  if (!walk || typeof walk !== "object") return null;
  const kind = walk.classes === undefined ? "channels" : "classes";
  return { kind, path: ["wander", kind], written: walk[kind] ?? [], walk };
}

function lengthField(label, tip, value, usual, change) {
  const field = h("input", { class: "field", type: "text", value: value ?? "", placeholder: usual, spellcheck: "false", autocomplete: "off", data: { focus: label } });
  field.addEventListener("change", () => change(field.value.trim() || null));
  return h("label", { class: "inline-field", "data-tip": tip }, h("span", { class: "faint small" }, label), field);
}

function distanceField(value, change) {
  const field = h("select", { class: "field", data: { focus: "distance" } }, h("option", { value: "near" }, "much alike"), h("option", { value: "far" }, "something else"));
  field.value = value ?? "near";
  field.addEventListener("change", () => change(field.value));
  return h("label", { class: "inline-field", "data-tip": "What comes next: much like the last one, so that one turns into the other, or something else." }, h("span", { class: "faint small" }, "Next"), field);
}

/** The elements that show and change it; `networks` are those that dream. */
export function walkBox(value, { keys, set, colors, networks }) {
  const { kind, path, written, walk } = walkOf(value);
  const stops = [written].flat();
  const place = [...keys, ...path];
  const isList = Array.isArray(written);
  const add = async () => {
    const name = await pickObjective(networks(), kind === "classes" ? { kinds: ["classes"], families: true } : { kinds: ["layers"], channels: kind === "sweep" });
    if (!name) return;
    const stop = kind === "classes" ? name.replace(/^class:/, "") : name;
    if (isList) set([...place, stops.length], stop);
    else set(place, [...stops, stop]);
  };
  const chips = stops.map((stop, at) => {
    const name = kind === "sweep" ? nameOf(stop) : String(stop);
    return h("li", { class: "chip" }, kind === "sweep" && h("i", { class: "dot", style: { background: colors(name) } }), nameParts(name),
      stops.length > 1 && button(`Remove ${name}`, { icon: "close", kind: "small quiet", bare: true, onclick: () => set([...place, at], null) }));
  });
  const beside = walk?.with && typeof walk.with === "object" && !Array.isArray(walk.with) ? Object.entries(walk.with) : [];
  const along = [...keys, "wander", "with"];
  const addAlong = async () => {
    const name = await pickObjective(networks());
    if (name) set([...along, name], 0.3);
  };
  return h("div", { class: "mix-box walk" },
    h("p", { class: "small soft" }, h("span", { class: "term", "data-tip": WORDS[kind][1] }, WORDS[kind][0])),
    h("ul", { class: "chips" }, chips, h("li", {}, button("Add", { icon: "plus", kind: "small quiet", tip: kind === "classes" ? "Choose a family of things, or one class" : "Choose a layer by its picture", onclick: add }))),
    h("div", { class: "row wrap" },
      lengthField("Alone for", "How long each one is dreamed alone.", value.hold, "3s", (next) => set([...keys, "hold"], next)),
      lengthField("Fade", "How long it takes to turn into the next one; 0s: at once.", value.fade, "1s", (next) => set([...keys, "fade"], next)),
      walk && distanceField(walk.distance, (next) => set([...keys, "wander", "distance"], next))),
    walk && h("div", { class: "row" }, h("span", { class: "small soft term", "data-tip": "What is dreamed all along, beside the one whose turn it is." }, "All along"),
      button("Add", { icon: "plus", kind: "small quiet", "aria-label": "Add what is dreamed all along", onclick: addAlong })),
    walk && h("ul", {}, beside.map(([name, weight]) => weightRow(name, weight, (next) => set([...along, name], next),
      () => set(beside.length > 1 ? [...along, name] : along, null), { colors, focus: `along ${name}` }))));
}
