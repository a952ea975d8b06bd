// One objective of a mix: its name, and how much of it is dreamed.
import { button, h, settle } from "../base/dom.js";

const KINDS = ["layer", "class", "channel", "guide", "neuron", "direction", "channels"];
const PLACES = { subject: "on what moves", background: "around what moves" };

/** What an entry of a list of objectives is called. */
export function nameOf(entry) {
  if (typeof entry === "string") return entry;
  const kind = KINDS.find((each) => each in entry);
  const name = kind === "layer" ? String(entry.layer) : `${kind ?? "objective"} ${typeof entry[kind] === "object" ? "" : entry[kind] ?? ""}`.trim();
  return entry.channel !== undefined && kind === "layer" ? `${name}:${entry.channel}` : name;
}

/** Where an entry works, in words; empty: everywhere. */
export function placeOf(entry) {
  const mask = entry?.mask;
  if (!mask) return "";
  return typeof mask === "object" ? PLACES[mask.motion] ?? "in a part of the frame" : `where ${mask} is bright`;
}

const LONG = 8;  // letters: a longer name may be cut off

/** An objective's name; its network's, where it is written, what kind it is, and a note stand below it. */
export function nameParts(name, note = "") {
  const [, kind, rest] = /^(class):(.+)$/.exec(name) ?? [null, "", name];
  const [, network, own] = /^(\w+)\/(.+)$/.exec(rest) ?? [null, "", rest];
  const below = [network, kind, note].filter(Boolean).join(", ");
  return h("span", { class: "objective", "data-tip": name.length > LONG ? [name, note].filter(Boolean).join(", ") : null },
    h("span", { class: "clip mono" }, own), below && h("span", { class: "clip faint" }, below));
}

/** A row with a slider and a number; a weight that is computed says so. */
export function weightRow(name, weight, set, remove, { colors, note, focus }) {
  const number = typeof weight === "number";
  const field = h("input", { class: "field number", type: "number", step: "any", min: 0, value: number ? weight : "", "aria-label": `Weight of ${name}`, disabled: !number, placeholder: "moves", data: { focus: `${focus} weight` } });
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.01, value: number ? weight : 0, tabindex: -1, "aria-hidden": "true", disabled: !number });
  const send = settle(60, set);
  slider.addEventListener("input", () => { field.value = slider.value; send(Number(slider.value)); });
  field.addEventListener("change", () => field.value !== "" && set(Number(field.value)));
  return h("li", { class: "weight" }, h("i", { class: "dot", style: { background: colors(name) } }), nameParts(name, note), slider, field,
    button(`Remove ${name}`, { icon: "close", kind: "small quiet", bare: true, onclick: remove }));
}
