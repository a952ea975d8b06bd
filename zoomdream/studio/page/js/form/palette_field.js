// Whose colors the film is drawn to: its own, a few colors, or a picture's; one palette, or several over time.
import { button, h } from "../base/dom.js";
import { openMenu } from "../base/floating.js";
import * as api from "../base/api.js";
import { poster } from "../library/cards.js";
import { uploadAll, uploadButton } from "../library/uploads.js";
import { workspace } from "../library/workspace.js";
import { SAMPLES } from "./plan.js";
import { redrawing } from "./redraw.js";

const FIRST = ["#1d3557", "#457b9d", "#a8dadc", "#b5535c"];
const NEW = "#c9a227";
const OWN = "source";
const MOST = 64;

/** The palettes in a value of color.palette: [{at, path, palette}]; `at` is null for one that stays. */
export function palettesOf(value) {
  if (Array.isArray(value) && value.some((each) => each && typeof each === "object")) {
    return value.map((each, at) => ({ at: String(each?.at ?? ""), path: [at, "palette"], entry: [at], palette: each?.palette ?? null }));
  }
  if (value && typeof value === "object" && !Array.isArray(value)) {
    return Object.entries(value).map(([at, palette]) => ({ at, path: [at], entry: [at], palette }));
  }
  return [{ at: null, path: [], entry: [], palette: value }];
}

const colorsOf = (palette) => (Array.isArray(palette) ? palette.map(String) : typeof palette === "string" && palette.startsWith("#") ? [palette] : null);

function picture(name) {
  const source = workspace()?.sources.find((each) => each.name === name);
  return h("span", { class: "thumb" }, poster(source?.poster ?? (/^sample:/.test(name) ? api.sourcePoster(name) : null), name));
}

export function paletteField({ id, keys }, { preset, set, goTo, secondsAt, now }) {
  const box = h("div", { id, class: "mixes" });
  const value = () => preset.form[keys.join(".")] ?? null;

  function swatches(each, colors, when) {
    const place = [...keys, ...each.path];
    const change = (at, color) => (Array.isArray(each.palette) ? set([...place, at], color) : set(place, color));
    const remove = (at) => (colors.length > 1 ? set([...place, at], null) : set(place, OWN));
    return h("div", { class: "swatches" }, colors.map((color, at) => {
      const field = h("input", { type: "color", value: color, "aria-label": `Color ${at + 1} of ${colors.length}${when}: ${color}`, "data-tip": `${color}. Delete takes it out.`, data: { focus: `${each.at} color ${at}` } });
      field.addEventListener("change", () => change(at, field.value));
      field.addEventListener("keydown", (event) => { if (event.key === "Delete") { event.preventDefault(); remove(at); } });
      return field;
    }), colors.length < MOST && button(`Add a color${when}`, { icon: "plus", kind: "small quiet", bare: true, data: { focus: `${each.at} add` }, onclick: () => (Array.isArray(each.palette) ? set([...place, colors.length], NEW) : set(place, [...colors, NEW])) }));
  }

  function menu(anchor, each, colors, many) {
    const take = (palette) => set([...keys, ...each.path], palette);
    const photos = (workspace()?.sources ?? []).filter((source) => source.kind === "photo").map((source) => source.name);
    const upload = uploadButton("Upload a picture", async (files) => { const names = await uploadAll(files); if (names.length) take(names[0]); }, { kind: "small", multiple: false });
    const close = openMenu(anchor, [
      { label: "The film's own colors", icon: "film", action: () => take(many ? OWN : null) },
      { label: "A few colors", icon: "plus", action: () => take(FIRST) },
      colors?.length > 1 && { label: "Take out the last color", icon: "minus", action: () => set([...keys, ...each.path, colors.length - 1], null) },
      many && { label: "Take out this moment", icon: "trash", action: () => removeMoment(each) },
      "-",
      ...[...photos, ...SAMPLES.filter((name) => name !== "noise")].map((name) => ({ label: `The colors of ${name}`, picture: picture(name), action: () => take(name) })),
      "-", h("div", { class: "panel" }, upload),
    ], { name: "Colors" });
    upload.addEventListener("change", () => close(false), true);
  }

  function removeMoment(each) {
    const rest = palettesOf(value()).filter((other) => other.at !== each.at);
    if (rest.length === 1) set(keys, rest[0].palette);
    else set([...keys, ...each.entry], null);
  }

  /** Another palette at the playhead: that of the moment before it, or the first colors after the film's own. */
  function addMoment() {
    const time = Math.round(now() * 100) / 100;
    const written = value();
    const all = palettesOf(written);
    const next = (palette) => (palette === null || palette === OWN ? FIRST : palette);
    if (all[0].at === null) {
      const first = written ?? OWN;
      return set(keys, { "0s": first, [`${time || 1}s`]: next(first) });
    }
    const before = all.filter((each) => (secondsAt(each.at) ?? 0) <= time);
    if (before.some((each) => secondsAt(each.at) === time)) return undefined;
    const position = before.length;
    const palette = next((before.at(-1) ?? all[0]).palette);
    if (Array.isArray(written)) return preset.edit([{ path: [...keys, written.length], value: { at: `${time}s`, palette }, position }]);
    return preset.edit([{ path: [...keys, `${time}s`], value: palette, position }]);
  }

  function row(each, many) {
    const colors = colorsOf(each.palette);
    const when = many ? ` at ${each.at}` : "";
    const own = each.palette === null || each.palette === OWN;
    const words = own ? h("span", { class: "small soft" }, "the film's own colors")
      : colors ? swatches(each, colors, when) : h("span", { class: "row" }, picture(String(each.palette)), h("span", { class: "clip small" }, String(each.palette)));
    const more = button(`Choose colors${when}`, { icon: "more", kind: "small quiet", bare: true, "aria-haspopup": "menu", data: { focus: `${each.at} more` }, onclick: () => menu(more, each, colors, many) });
    return h("div", { class: "mix-box palette" }, many && h("button", { type: "button", class: "mix-time", "data-tip": "Go to this moment", onclick: () => goTo(each.at) }, each.at), words, more);
  }

  function build(written) {
    const all = palettesOf(written);
    const many = all[0].at !== null;
    return [all.map((each) => row(each, many)),
      button("Other colors here", { icon: "key", kind: "small quiet", data: { focus: "moment" }, tip: "Another palette at the playhead: over time the colors go from one to the next", onclick: addMoment })];
  }
  return { labelled: false, element: box, update: redrawing(box, build) };
}
