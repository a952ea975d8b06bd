// The form of what is most used, in step with the text: a change here is an edit of the text, and the text's values show here.
import { h } from "../base/dom.js";
import { SECTIONS } from "./plan.js";
import { choiceField, pairField, seedField, sizeField, soundField, sourceField, switchField, textField } from "./fields.js";
import { layersField } from "./layers_field.js";
import { networksField, networksIn } from "./networks_field.js";
import { numberField } from "./number_field.js";
import { paletteField } from "./palette_field.js";
import { describe, loadSchema } from "../text/schema.js";
import { workspace } from "../library/workspace.js";

const BUILDERS = { source: sourceField, size: sizeField, text: textField, choice: choiceField, seed: seedField, switch: switchField,
  layers: layersField, number: numberField, pair: pairField, networks: networksField, palette: paletteField, sound: soundField };
const WIDE = new Set(["layers", "source", "palette", "networks"]);

let serial = 0;

function rowOf(plan, context) {
  const id = `field-${(serial += 1)}`;
  const path = plan.path.split(".");
  const field = BUILDERS[plan.kind]({ ...plan, id, keys: path }, context);
  const wide = WIDE.has(plan.kind);
  const name = field.labelled === false ? h("span", { class: "name" }, plan.label) : h("label", { class: "name", for: id }, plan.label);
  const row = h("div", { class: `form-row ${wide ? "wide" : ""}`, data: { path: plan.path } }, name, h("div", { class: "control" }, field.element));
  loadSchema().then(() => {
    const words = describe(path);
    if (!words) return;
    name.classList.add("term");
    name.dataset.tip = `${words} In the text: ${plan.path}.`;
    row.querySelector("input, select, button")?.setAttribute("aria-description", words);
  }, () => {});
  return { plan, row, update: field.update };
}

const VIDEO = /\.(mp4|mov|mkv|webm|avi|m4v|mts|m2ts|mpg|mpeg|gif)$/i;

function overVideo(form) {
  const source = String(form.source ?? "");
  const known = workspace()?.sources.find((each) => each.name === source);
  return known ? known.kind === "clip" : VIDEO.test(source);
}

/** The form of `preset`; `context.animate(path)` asks the timeline to show a track. */
export function createForm(preset, context) {
  const set = (keys, value) => {
    const nothing = value === null && (preset.form[keys.join(".")] ?? null) === null && keys.length <= 2;
    return nothing ? null : preset.edit([{ path: keys, value }]);
  };
  const fieldContext = { ...context, preset, set, networks: () => networksIn(preset.form) };
  const rows = [];
  const sections = SECTIONS.map((section) => {
    const own = section.fields.map((plan) => rowOf(plan, fieldContext));
    rows.push(...own);
    const more = own.filter(({ plan }) => plan.more).map(({ row }) => row);
    const element = h("section", { class: "form-section" }, h("h3", {}, section.title),
      own.filter(({ plan }) => !plan.more).map(({ row }) => row),
      more.length ? h("details", {}, h("summary", {}, "More"), more) : null);
    return { section, element };
  });
  const element = h("div", { class: "form" }, sections.map((each) => each.element));

  function update() {
    const video = overVideo(preset.form);
    for (const { section, element: part } of sections) part.hidden = Boolean(section.video) && !video;
    for (const { plan, row, update: show } of rows) {
      row.hidden = plan.video !== undefined && plan.video !== video;
      show(preset.form[plan.path] ?? null, preset.timeline?.tracks?.find((track) => track.path.join(".") === plan.path) ?? null);
      row.classList.toggle("wrong", preset.errors.some((error) => String(error.path ?? "").startsWith(plan.path)));
    }
  }
  preset.on("checked", update);
  preset.on("timeline", update);
  loadSchema().then(update, () => {});
  update();
  return { element, update };
}
