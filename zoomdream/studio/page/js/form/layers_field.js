// What is dreamed: one mix of weights, a mix for each keyframe, or a walk; names come from the picker with its pictures.
import { button, h } from "../base/dom.js";
import { pickObjective } from "./layer_picker.js";
import { redrawing } from "./redraw.js";
import { nameOf, placeOf, weightRow } from "./weights.js";
import { walkBox, walkOf } from "./walk_field.js";

const isTime = (key) => /^(\d+(\.\d+)? ?(s|ms|f|%|b|bars?|beats?)|(\d+:)?\d+:\d+(\.\d+)?|end|0)$/.test(key);

/** The mixes in a value of dream.layers: [{at, path, mix, removable}], or null where the text alone can say it. */
export function mixesOf(value) {
  if (value === null || typeof value !== "object") return null;
  if (Array.isArray(value)) {
    if (value.every((each) => each && typeof each === "object" && "at" in each && "mix" in each)) {
      return value.map((each, at) => ({ at: String(each.at), path: [at, "mix"], mix: each.mix }));
    }
    return value.some((each) => each && typeof each === "object" && "at" in each) ? null : [{ at: null, path: [], mix: value }];
  }
  if (value.repeat !== undefined || value.every !== undefined || value.keyframes !== undefined) return null;
  const keys = Object.keys(value);
  if (keys.length && keys.every(isTime)) return keys.map((key) => ({ at: key, path: [key], mix: value[key] }));
  return [{ at: null, path: [], mix: value }];
}

export function layersField({ id, keys }, { preset, set, colors, goTo, networks }) {
  const box = h("div", { id, class: "mixes" });

  async function add(mix) {
    const name = await pickObjective(networks());
    if (!name) return;
    const path = [...keys, ...mix.path];
    const now = preset.form["dream.layers"];
    if (now === null || now === undefined || typeof now !== "object") set(keys, { [name]: 1 });
    else if (Array.isArray(mix.mix)) set(path, [...mix.mix, name]);
    else set([...path, name], 1);
  }

  function mixBox(mix, only) {
    const rows = Array.isArray(mix.mix)
      ? mix.mix.map((entry, at) => weightRow(nameOf(entry), typeof entry === "string" ? 1 : entry.weight ?? 1,
        (weight) => set([...keys, ...mix.path, at], typeof entry === "string" ? { layer: entry, weight } : { ...entry, weight }),
        () => set([...keys, ...mix.path], mix.mix.filter((_, n) => n !== at)), { colors, note: placeOf(entry), focus: `${mix.at} ${at}` }))
      : Object.entries(mix.mix ?? {}).map(([name, weight]) => weightRow(name, weight,
        (next) => set([...keys, ...mix.path, name], next), () => set([...keys, ...mix.path, name], null), { colors, focus: `${mix.at} ${name}` }));
    return h("div", { class: "mix-box" },
      !only && h("button", { type: "button", class: "mix-time", "data-tip": "Go to this moment", onclick: () => goTo(mix.at) }, mix.at),
      h("ul", {}, rows), button("Add", { icon: "plus", kind: "small quiet", tip: "Choose a layer, a channel or a class by its picture", onclick: () => add(mix) }));
  }

  function build(now) {
    if (walkOf(now)) return walkBox(now, { keys, set, colors, networks });
    const mixes = now === null ? [{ at: null, path: [], mix: {} }] : mixesOf(now);
    if (mixes) return mixes.map((mix) => mixBox(mix, mixes.length === 1));
    return h("p", { class: "small soft" }, "These mixes repeat: change them on the timeline or in the text.");
  }
  return { labelled: false, element: box, update: redrawing(box, build) };
}
