// What is dreamed: one mix of weights, or a mix for each keyframe; names come from the picker with its pictures.
import { button, h, replace, settle } from "../base/dom.js";
import { pickObjective } from "./layer_picker.js";

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
  if (value.sweep || value.wander || value.repeat !== undefined || value.every !== undefined) return null;
  const keys = Object.keys(value);
  if (keys.length && keys.every(isTime)) return keys.map((key) => ({ at: key, path: [key], mix: value[key] }));
  return [{ at: null, path: [], mix: value }];
}

function nameOf(entry) {
  if (typeof entry === "string") return entry;
  const kind = ["layer", "class", "channel", "guide", "neuron", "direction", "channels"].find((each) => each in entry);
  return kind === "layer" ? String(entry.layer) : `${kind ?? "objective"} ${typeof entry[kind] === "object" ? "" : entry[kind] ?? ""}`.trim();
}

function weightRow(name, weight, set, remove, colors) {
  const number = typeof weight === "number";
  const field = h("input", { class: "field number", type: "number", step: "any", min: 0, value: number ? weight : "", "aria-label": `Weight of ${name}`, disabled: !number, placeholder: "moves" });
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.01, value: number ? weight : 0, tabindex: -1, "aria-hidden": "true", disabled: !number });
  const send = settle(60, set);
  slider.addEventListener("input", () => { field.value = slider.value; send(Number(slider.value)); });
  field.addEventListener("change", () => field.value !== "" && set(Number(field.value)));
  return h("li", { class: "weight" }, h("i", { class: "dot", style: { background: colors(name) } }), h("span", { class: "clip mono" }, name), slider, field,
    button(`Remove ${name}`, { icon: "close", kind: "small quiet", bare: true, onclick: remove }));
}

export function layersField({ id, keys }, { preset, set, colors, goTo }) {
  const box = h("div", { id, class: "mixes" });
  let last = null;
  let late = null;
  const busy = () => box.querySelector("input[type=number]:focus") !== null;
  // A button that is exchanged between press and release is never clicked: what is new is shown after it.
  let pressed = false;
  const released = () => {
    removeEventListener("pointerup", released, true);
    removeEventListener("pointercancel", released, true);
    pressed = false;
    setTimeout(() => late?.());
  };
  box.addEventListener("pointerdown", () => {
    pressed = true;
    addEventListener("pointerup", released, true);
    addEventListener("pointercancel", released, true);
  });

  async function add(mix) {
    const name = await pickObjective(preset.form.network ?? "squeezenet1_1");
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
        () => set([...keys, ...mix.path], mix.mix.filter((_, n) => n !== at)), colors))
      : Object.entries(mix.mix ?? {}).map(([name, weight]) => weightRow(name, weight,
        (next) => set([...keys, ...mix.path, name], next), () => set([...keys, ...mix.path, name], null), colors));
    return h("div", { class: "mix-box" },
      !only && h("button", { type: "button", class: "mix-time", "data-tip": "Go to this moment", onclick: () => goTo(mix.at) }, mix.at),
      h("ul", {}, rows), button("Add", { icon: "plus", kind: "small quiet", tip: "Choose a layer, a channel or a class by its picture", onclick: () => add(mix) }));
  }

  const field = { labelled: false, element: box, update(now) {
    const text = JSON.stringify(now);
    late = pressed ? () => field.update(now) : null;
    if (text === last || pressed || busy()) return;
    last = text;
    const mixes = now === null ? [{ at: null, path: [], mix: {} }] : mixesOf(now);
    if (mixes) replace(box, mixes.map((mix) => mixBox(mix, mixes.length === 1)));
    else replace(box, h("p", { class: "small soft" }, now?.sweep ? `One layer after the other: ${[now.sweep].flat().join(", ")}` : now?.wander ? `A walk through ${[now.wander.channels ?? now.wander.classes ?? []].flat().join(", ")}` : "Written in the text, in a form that only the text can show.",
      now?.hold && ` · each for ${now.hold}`));
  } };
  return field;
}
