// The form's simple fields. Each gives {element, update(value, track)}; null as value means that the preset says nothing.
import * as api from "../base/api.js";
import { button, h, icon, replace } from "../base/dom.js";
import { openMenu } from "../base/floating.js";
import { SAMPLES, SIZES } from "./plan.js";
import { choices, property } from "../text/schema.js";
import { poster } from "../library/cards.js";
import { uploadAll, uploadButton } from "../library/uploads.js";
import { workspace } from "../library/workspace.js";

const busy = (element) => element.matches(":focus");

const written = (value) => (value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

export function textField({ id, keys, hint, numeric }, { set }) {
  const field = h("input", { class: "field", id, placeholder: hint, spellcheck: "false", autocomplete: "off", inputmode: numeric ? "decimal" : null });
  const value = () => (field.value.trim() === "" ? null : numeric && Number.isFinite(Number(field.value)) ? Number(field.value) : field.value.trim());
  field.addEventListener("change", () => set(keys, value()));
  return { element: field, update: (now) => { if (!busy(field)) field.value = written(now); } };
}

export function choiceField({ id, keys, options }, { set }) {
  const field = h("select", { class: "field", id });
  field.addEventListener("change", () => set(keys, field.value === "" ? null : options ? Number(field.value) : field.value));
  return { element: field, update(now) {
    const standard = property(keys)?.default;
    const all = (options ?? choices(keys)).map(String);
    if (now !== null && !all.includes(String(now))) all.push(written(now));
    replace(field, h("option", { value: "" }, standard === null || standard === undefined ? "as the source" : `${standard} (usual)`),
      all.map((each) => h("option", { value: each }, each)));
    field.value = now === null ? "" : written(now);
  } };
}

export function switchField({ id, keys }, { set }) {
  const field = h("input", { type: "checkbox", id });
  field.addEventListener("change", () => set(keys, field.checked ? true : null));
  return { element: field, update(now) { field.checked = Boolean(now); } };
}

export function sizeField({ id, keys }, { set }) {
  const field = h("input", { class: "field", id, placeholder: "the source's", list: `${id}-sizes`, spellcheck: "false", autocomplete: "off" });
  field.addEventListener("change", () => set(keys, field.value.trim() || null));
  return { element: [field, h("datalist", { id: `${id}-sizes` }, SIZES.map((value) => h("option", { value })))],
    update: (now) => { if (!busy(field)) field.value = written(now); } };
}

export function seedField({ id, keys }, { set }) {
  const field = h("input", { class: "field", id, inputmode: "numeric", placeholder: "0", autocomplete: "off" });
  field.addEventListener("change", () => set(keys, field.value.trim() === "" ? null : Number(field.value)));
  const roll = () => set(keys, crypto.getRandomValues(new Uint32Array(1))[0] % 10000);
  return { element: h("div", { class: "row" }, field, button("Another seed", { icon: "dice", kind: "small", bare: true, tip: "Another dream by chance", onclick: roll })),
    update: (now) => { if (!busy(field)) field.value = written(now); } };
}

export function pairField({ id, keys, names, step, standard = [0, 0] }, { set, preset, animate }) {
  const fields = names.map((name, at) => h("input", { class: "field", id: at ? `${id}-${at}` : id, type: "number", step, "aria-label": name }));
  const moving = button("moves", { icon: "curve", kind: "small", onclick: () => animate(keys) });
  const box = h("div", { class: "row pair" }, fields.map((field, at) => [h("span", { class: "faint small" }, names[at]), field]), moving);
  const change = (at) => {
    const now = preset.form[keys.join(".")] ?? standard;
    set(keys, now.map((value, n) => (n === at ? Number(fields[at].value) : value)));
  };
  fields.forEach((field, at) => field.addEventListener("change", () => change(at)));
  return { element: box, update(now) {
    const plain = now === null || (Array.isArray(now) && now.length === 2 && now.every((each) => typeof each === "number"));
    moving.hidden = plain;
    for (const child of box.children) if (child !== moving) child.hidden = !plain;
    fields.forEach((field, at) => { if (!busy(field)) field.value = (now ?? standard)[at]; });
  } };
}

function fileField(kinds, samples, { id, keys, nothing }, { set, takeSource }) {
  const words = h("span", { class: "clip" });
  const thumb = h("span", { class: "thumb" });
  const open = h("button", { type: "button", id, class: "field picker", "aria-haspopup": "menu" }, thumb, words);
  const take = takeSource ?? ((name) => set(keys, name));
  open.addEventListener("click", () => {
    const own = (workspace()?.sources ?? []).filter((source) => kinds.includes(source.kind));
    const upload = uploadButton("Upload a file", async (files) => { const names = await uploadAll(files); if (names.length) take(names[0]); }, { kind: "small", multiple: false });
    const close = openMenu(open, [
      ...own.map((source) => ({ label: source.name, picture: h("span", { class: "thumb" }, poster(source.poster, source.name)), action: () => take(source.name) })),
      own.length && "-",
      ...samples.map((name) => ({ label: name, icon: name === "noise" ? "dice" : kinds.includes("photo") ? "sources" : "sound", action: () => set(keys, name) })),
      nothing && { label: nothing, icon: "close", action: () => set(keys, null) },
      "-", h("div", { class: "panel" }, upload),
    ], { name: "Files", onclose: null });
    upload.addEventListener("change", () => close(false), true);
  });
  return { element: open, update(now) {
    words.textContent = now === null ? nothing ?? "choose…" : written(now);
    const source = workspace()?.sources.find((each) => each.name === now);
    const picture = source?.poster ?? (/^sample:/.test(written(now)) ? api.sourcePoster(now) : null);
    replace(thumb, source?.kind === "sound" || samples.includes("sample:groove") ? icon("sound") : poster(picture, written(now)));
  } };
}

export const sourceField = (plan, context) => fileField(["photo", "clip"], SAMPLES, plan, context);

export const soundField = (plan, context) =>
  fileField(["sound", "clip"], ["sample:groove"], { ...plan, nothing: "none" }, { ...context, takeSource: undefined });
