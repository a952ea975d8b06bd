// What can be set of one keyframe: its time, its value, its ease; and its end.
import { button, h } from "../base/dom.js";
import { openMenu } from "../base/floating.js";
import { number, value as shown } from "../base/formats.js";
import { WORDS } from "../text/terms.js";

const GROUPS = [
  ["Usual", (name) => ["linear", "hold", "smooth", "in-out-sine"].includes(name)],
  ["As in CSS", (name) => name === "ease" || name.startsWith("ease-")],
  ["Gentle at both ends", (name) => name.startsWith("in-out-") && name !== "in-out-sine"],
  ["Gentle at the beginning", (name) => /^in-(?!out)/.test(name)],
  ["Gentle at the end", (name) => name.startsWith("out-")],
];

function easeChoice(current, eases, onchange) {
  const known = eases.includes(current) ? eases : [current, ...eases];
  const field = h("select", { class: "field", id: "key-ease" });
  const placed = new Set();
  for (const [title, belongs] of GROUPS) {
    const own = known.filter((name) => belongs(name) && !placed.has(name));
    own.forEach((name) => placed.add(name));
    if (own.length) field.append(h("optgroup", { label: title }, own.map((name) => h("option", { value: name }, name))));
  }
  field.append(...known.filter((name) => !placed.has(name)).map((name) => h("option", { value: name }, name)));
  field.value = current;
  field.addEventListener("change", () => onchange(field.value));
  return field;
}

const line = (id, name, field, tip) => h("div", { class: "key-line" }, h("label", { for: id, "data-tip": tip, class: tip ? "term" : "" }, name), field);

/** Opens the menu of a keyframe. `acts`: {move, ease, remove, go, weights?}. */
export function openKeyframe(mark, key, { name, eases, unit, hasValue }, acts) {
  let close = () => {};
  const done = (action) => (...values) => { close(false); action(...values); };
  const time = h("input", { class: "field number", id: "key-time", type: "number", step: "any", min: 0, value: number(key.time, 3), disabled: !key.editable });
  time.addEventListener("change", done(() => acts.move(key, { time: Number(time.value), value: key.value })));
  const value = hasValue && h("input", { class: "field number", id: "key-value", type: "number", step: "any", value: shown(key.value), disabled: !key.editable });
  value?.addEventListener?.("change", done(() => acts.move(key, { time: key.time, value: Number(value.value) })));
  const panel = h("div", { class: "panel key-panel" }, h("h3", {}, name),
    line("key-time", "Time, seconds", time),
    value && line("key-value", `Value${unit ? `, ${unit}` : ""}`, value),
    line("key-ease", "Ease", key.editable ? easeChoice(key.ease ?? "linear", eases, done((ease) => acts.ease(key, ease))) : h("span", { id: "key-ease" }, key.ease ?? "linear"), WORDS.ease),
    !key.editable && h("p", { class: "small soft" }, "This one is computed; it can be changed in the text."),
    h("div", { class: "row wrap" },
      button("Go here", { kind: "small", onclick: done(() => acts.go(key)) }),
      acts.weights && button("Edit the mix", { kind: "small", onclick: done(() => acts.weights(key)) }),
      h("span", { class: "grow" }),
      key.editable && button("Delete", { icon: "trash", kind: "small danger", onclick: done(() => acts.remove(key)) })));
  close = openMenu(mark, [panel], { name: `Keyframe of ${name}`, role: "dialog" });
  (value || time).focus();
  (value || time).select?.();
  return close;
}
