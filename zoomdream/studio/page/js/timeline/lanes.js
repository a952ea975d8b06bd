// The lanes of the timeline, as SVG: the ruler, the mix as bands, a curve with its keyframes, the sound.
import { h, svg } from "../base/dom.js";
import { clock, value as shown } from "../base/formats.js";
import { titleOf } from "../form/plan.js";
import { keyframeMark } from "./keyframe_marks.js";
import { describe, numbers } from "../text/schema.js";
import { pathOf, ValueScale } from "./scale.js";

const board = (scale, height, ...children) =>
  svg("svg", { class: "board", width: scale.width, height, viewBox: `0 0 ${scale.width} ${height}`, "aria-hidden": null }, children);

function lane(kind, name, label, body, data = {}) {
  return h("div", { class: `lane ${kind}`, role: "group", "aria-label": name, data }, h("div", { class: "lane-label" }, label), h("div", { class: "lane-body" }, body));
}

/** "Zoom", "Pan: right": the setting's own name, and its component where it has two. */
export function trackName(track) {
  const words = titleOf(track.path);
  const own = typeof track.path.at(-1) === "number" ? track.name.split(/[\s,:]+/).at(-1) : "";
  return own && !own.includes(".") ? `${words}: ${own}` : words;
}

export function rulerLane(scale, beats, corner) {
  const { step, times } = scale.ticks();
  const digits = step < 1 ? 1 : 0;
  const far = beats.length && scale.x(beats[1] - beats[0] || 1) >= 7;
  const marks = times.map((time) => svg("g", {}, svg("line", { class: "tick", x1: scale.x(time), x2: scale.x(time), y1: 16, y2: 26 }),
    svg("text", { class: "tick-text", x: scale.x(time) + 4, y: 19 }, clock(time, digits))));
  const drums = far ? beats.map((beat) => svg("line", { class: "beat", x1: scale.x(beat), x2: scale.x(beat), y1: 21, y2: 26 })) : [];
  return lane("ruler", "Time", corner, board(scale, 26, marks, drums));
}

/** The mix as stacked areas, its keyframes on the lower edge. */
export function mixLane(mix, scale, height, color, acts) {
  const times = mix.times.length > 1 ? mix.times : [0, scale.seconds];
  const rows = mix.shares.map((row) => (row.length > 1 ? row : [row[0], row[0]]));
  const under = times.map(() => 0);
  const y = (share) => height - 3 - (height - 8) * share;
  const areas = rows.map((row, at) => {
    const low = [...under];
    row.forEach((share, n) => { under[n] += Math.max(0, share); });
    const top = pathOf(times, under, (t) => scale.x(t), y);
    const back = pathOf([...times].reverse(), [...low].reverse(), (t) => scale.x(t), y).replace("M", "L");
    return svg("path", { class: "band", d: `${top}${back}Z`, fill: color(mix.names[at]) }, svg("title", {}, mix.names[at]));
  });
  const names = rows.map((row, at) => {
    const best = row.indexOf(Math.max(...row));
    const below = rows.slice(0, at).reduce((sum, other) => sum + Math.max(0, other[best]), 0);
    if (row[best] * (height - 8) < 13) return null;
    const x = Math.max(6, Math.min(scale.x(times[best]) + (best ? -6 : 6), scale.width - 6));
    return svg("text", { class: "band-name", x, y: y(below + row[best] / 2) + 4, "text-anchor": x > scale.width - 70 || best === row.length - 1 ? "end" : best ? "middle" : "start" }, mix.names[at]);
  }).filter(Boolean);
  const place = { name: "What is dreamed", scale, values: null, y: height - 8 };
  const marks = (mix.keyframes ?? []).filter((key) => key.time <= scale.seconds).map((key) => keyframeMark(key, place, acts));
  const label = [h("strong", { "data-tip": "What is dreamed, and how much of each at every time" }, "Dream"),
    h("span", { class: "legend" }, mix.names.slice(0, 4).map((name) => h("span", {}, h("i", { class: "dot", style: { background: color(name) } }), name)))];
  return lane("mix", "What is dreamed", label, board(scale, height, areas, names, marks), { path: mix.path?.join(".") ?? "dream.layers" });
}

/** A track's curve with its keyframes; `redraw(track)` exchanges the curve while a keyframe is dragged. */
export function trackLane(track, scale, height, acts, { open, toggle }) {
  const keys = track.keyframes.filter((key) => typeof key.value === "number");
  const limits = numbers(track.path.filter((part) => typeof part === "string"));
  const values = new ValueScale([...track.values, ...keys.map((key) => key.value)], height, { least: track.minimum ?? limits.minimum, most: track.maximum ?? limits.maximum });
  const d = (of) => {
    const times = of.times.length > 1 ? of.times : [0, scale.seconds];
    const row = of.values.length > 1 ? of.values : [of.values[0], of.values[0]];
    return pathOf(times, row, (t) => scale.x(t), (v) => values.y(v));
  };
  const curve = svg("path", { class: "curve", d: d(track) });
  const name = trackName(track);
  const place = { name, scale, values, integer: limits.integer, y: height / 2 };
  const marks = keys.filter((key) => key.time <= scale.seconds + 1e-6).map((key) => keyframeMark(key, place, acts));
  const middle = svg("line", { class: "rule", x1: 0, x2: scale.width, y1: height / 2, y2: height / 2 });
  const label = [
    h("button", { type: "button", class: "lane-name", "aria-expanded": String(open), "data-tip": [describe(track.path) || track.description, "Click: a higher lane."].filter(Boolean).join(" "), onclick: toggle }, h("strong", {}, name)),
    h("span", { class: "faint small clip" }, track.unit || ""),
    h("span", { class: "extent faint" }, h("span", {}, shown(values.round(Math.max(...track.values)))), h("span", {}, shown(values.round(Math.min(...track.values))))),
  ];
  const made = lane(`track ${open ? "open" : ""}`, name, label, board(scale, height, middle, curve, marks), { path: track.path.join(".") });
  return { element: made, values, integer: limits.integer, redraw: (next) => curve.setAttribute("d", d(next)) };
}

/** The sound's peaks as a waveform. */
export function soundLane(audio, scale, height) {
  const { peaks } = audio;
  const times = audio.times ?? peaks.map((_, n) => (n * audio.seconds) / peaks.length);
  const most = Math.max(...peaks, 1e-6);
  const half = (height - 8) / 2;
  const y = (peak, sign) => height / 2 - (sign * half * peak) / most;
  const top = times.map((time, n) => `${n ? "L" : "M"}${scale.x(time).toFixed(1)} ${y(peaks[n], 1).toFixed(1)}`);
  const back = [...times.keys()].reverse().map((n) => `L${scale.x(times[n]).toFixed(1)} ${y(peaks[n], -1).toFixed(1)}`);
  const beats = (audio.beats ?? []).map((beat) => svg("line", { class: "beat", x1: scale.x(beat), x2: scale.x(beat), y1: 0, y2: height }));
  const label = [h("strong", {}, "Sound"), h("span", { class: "faint small clip" }, [audio.name, audio.bpm && `${shown(audio.bpm)} beats a minute`].filter(Boolean).join(", "))];
  return lane("sound", "Sound", label, board(scale, height, beats, svg("path", { class: "wave", d: `${top.join("")}${back.join("")}Z` })));
}
