// A number with a slider; one that moves over time shows its curve, and opens it on the timeline.
import { button, h, replace, settle, svg } from "../base/dom.js";
import { openMenu } from "../base/floating.js";
import { plural, value as shown } from "../base/formats.js";
import { numbers } from "../text/schema.js";

/** A small curve of a track, 84 by 18. */
export function spark(track) {
  const { values } = track;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const points = values.map((v, n) => `${((84 * n) / Math.max(1, values.length - 1)).toFixed(1)},${(16 - (14 * (v - low)) / (high - low || 1)).toFixed(1)}`);
  return svg("svg", { class: "spark", viewBox: "0 0 84 18", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("polyline", { points: points.join(" "), fill: "none", stroke: "currentColor", "stroke-width": 1.5, "vector-effect": "non-scaling-stroke" }));
}

function motionWords(value) {
  if (typeof value === "string") return "a Deforum string";
  if (Array.isArray(value)) return plural(value.length, "keyframe");
  if (value.follow) return `follows ${value.follow}`;
  if (value.expr !== undefined) return "a formula";
  if (value.repeat !== undefined || value.every !== undefined) return "repeats";
  return plural(Object.keys(value).length, "keyframe");
}

export function numberField({ id, keys, low, high, step, unit }, { set, animate, addKeyframes }) {
  const slider = h("input", { type: "range", min: low, max: high, step, tabindex: -1, "aria-hidden": "true" });
  const field = h("input", { class: "field number", id, type: "number", step: "any" });
  const more = button("Let it move", { icon: "key", kind: "small quiet", bare: true, tip: "Let this value move over time: keyframes on the timeline" });
  const still = h("div", { class: "row" }, slider, field, unit && h("span", { class: "faint small" }, unit), more);
  const moving = h("button", { type: "button", class: "field moving", hidden: true, onclick: () => animate(keys) });
  const stop = button("Stop moving", { icon: "more", kind: "small quiet", bare: true, tip: "More" });
  const movingRow = h("div", { class: "row", hidden: true }, moving, stop);
  let now = null;
  let track = null;
  const usual = () => now ?? numbers(keys).default ?? low;
  const send = settle(60, (next) => set(keys, next));

  slider.addEventListener("input", () => { field.value = slider.value; send(Number(slider.value)); });
  field.addEventListener("change", () => set(keys, field.value.trim() === "" ? null : Number(field.value)));
  more.addEventListener("click", () => addKeyframes(keys, usual()));
  stop.addEventListener("click", () => openMenu(stop, [
    { label: "Show on the timeline", icon: "curve", action: () => animate(keys) },
    { label: "Hold one value", icon: "minus", action: () => set(keys, track ? Number(shown(track.values[0])) : null) },
    { label: "Back to the usual value", icon: "undo", action: () => set(keys, null) },
  ], { name: "This value" }));

  return { element: [still, movingRow], update(next, nextTrack) {
    now = next;
    track = nextTrack;
    const plain = next === null || typeof next === "number";
    still.hidden = !plain;
    moving.hidden = movingRow.hidden = plain;
    if (plain) {
      const value = usual();
      if (!field.matches(":focus")) field.value = next === null ? "" : next;
      field.placeholder = shown(value);
      if (!slider.matches(":active")) slider.value = value;
    } else {
      replace(moving, nextTrack?.values?.length ? spark(nextTrack) : null, h("span", { class: "clip" }, motionWords(next)));
      moving.setAttribute("aria-label", `${motionWords(next)}: show on the timeline`);
    }
  } };
}
