// What may be written at the cursor, from the schema and from what is in the workspace; and what a key means, on hover.
import * as api from "../base/api.js";
import { h } from "../base/dom.js";
import { choices, describe, loadSchema, schemasAt } from "./schema.js";
import { workspace } from "../library/workspace.js";
import { contextAt } from "./yaml_context.js";

const SAMPLES = ["sample:clouds", "sample:hills", "sample:marble", "sample:reef", "noise"];
const layersOf = new Map();

/** The layers of a network, asked for once. */
export function layersOfNetwork(network) {
  if (!layersOf.has(network)) {
    layersOf.set(network, api.layers(network).catch((error) => { layersOf.delete(network); throw error; }));
  }
  return layersOf.get(network);
}

const quoted = (word) => (/^[\w./-]+$/.test(word) && !/^[\d.]+$/.test(word) ? word : JSON.stringify(word));

const endsIn = (path, ...names) => names.some((name) => path.at(-1) === name);

/** Whether a mapping's keys at this path are objectives with weights: in dream.layers or in a keyframe's mix. */
const isMix = (path) => path[0] === "dream" && path[1] === "layers"
  && (path.length === 2 || path.at(-1) === "mix" || (path.length === 3 && /^[\d.]/.test(path[2])));

function keyOptions(path) {
  const found = new Map();
  for (const schema of schemasAt(path)) {
    for (const key of Object.keys(schema.properties ?? {})) {
      if (!found.has(key)) found.set(key, { label: key, type: "property", apply: `${key}: `, info: describe([...path, key]) });
    }
  }
  return [...found.values()];
}

/** The layers of all networks; those of all but the first with their network's name. */
async function layerOptions(networks, apply) {
  const found = await Promise.allSettled(networks.map(layersOfNetwork));
  return found.flatMap((each, number) => (each.value ?? []).map(({ name, note }, at) => {
    const label = number ? `${networks[number]}/${name}` : name;
    return { label, detail: note ?? "", type: "class", apply: apply(label), boost: -number - at / 100 };
  }));
}

async function valueOptions(path, networks) {
  if (path.length === 1 && path[0] === "source") {
    const own = (workspace()?.sources ?? []).filter((source) => source.kind !== "sound").map((source) => source.name);
    return [...own, ...SAMPLES].map((label) => ({ label, type: "text", apply: quoted(label).replaceAll('"sample:', '"sample:') }));
  }
  if (endsIn(path, "file") && path[0] === "audio") {
    const sounds = (workspace()?.sources ?? []).filter((source) => source.kind !== "photo").map((source) => source.name);
    return [...sounds, "sample:groove"].map((label) => ({ label, type: "text" }));
  }
  if (path[0] === "network" || path[0] === "networks") {
    try { return (await api.networks()).map((each) => ({ label: each.name ?? each, detail: each.note ?? "", type: "class" })); } catch { return []; }
  }
  if (endsIn(path, "layer") || path.includes("sweep") || (path.includes("wander") && path.includes("channels"))) return layerOptions(networks, quoted);
  const allowed = choices(path).map((value) => ({ label: String(value), type: "enum" }));
  if (schemasAt(path).some((schema) => schema.type === "boolean")) allowed.push({ label: "true" }, { label: "false" });
  return allowed;
}

/** The networks that a text names, the first one first. */
function networksOf(text) {
  const [, line = ""] = /^networks?:[ \t]*([^\n]*(?:\n[ \t]*-[^\n]*)*)/m.exec(text) ?? [];
  const names = line.replace(/#.*$/gm, "").match(/[\w.]+/g);
  return names ?? ["squeezenet1_1"];
}

export async function complete(context) {
  await loadSchema();
  const text = context.state.doc.toString();
  const word = context.matchBefore(/[\w./:-]*$/);
  if (word.from === word.to && !context.explicit) return null;
  const line = context.state.doc.lineAt(context.pos);
  if (/(^|\s)#/.test(text.slice(line.from, context.pos))) return null;
  const { path, mode } = contextAt(text, word.from);
  let options;
  if (mode === "key" && isMix(path)) {
    options = [...await layerOptions(networksOf(text), (name) => `${quoted(name)}: 1`), ...(path.length === 2 ? keyOptions(path) : [])];
  } else options = mode === "key" ? keyOptions(path) : await valueOptions(path, networksOf(text));
  return options.length ? { from: word.from, options, validFor: /^[\w./:-]*$/ } : null;
}

/** The tooltip of CodeMirror for the key under the pointer. */
export async function explain(view, position) {
  await loadSchema();
  const word = view.state.wordAt(position);
  if (!word) return null;
  const text = view.state.doc.toString();
  const name = text.slice(word.from, word.to);
  if (!/^\s*["']?\s*:/.test(text.slice(word.to, word.to + 3))) return null;
  const { path } = contextAt(text, word.from);
  const words = describe([...path, name]);
  if (!words) return null;
  return { pos: word.from, end: word.to, above: true, create: () => ({ dom: h("div", { class: "cm-help" }, words) }) };
}
