// What is in the workspace: presets, sources, films. Fetched once and again when the server says that it changed.
import * as api from "../base/api.js";
import { settle } from "../base/dom.js";
import { listen } from "../base/events.js";
import { complain } from "../base/floating.js";
import { stem } from "../base/formats.js";

let known = null;
const watchers = new Set();

export const workspace = () => known;

/** Calls `watcher(workspace)` at once (null before it is known) and after each change; gives what ends it. */
export function watchWorkspace(watcher) {
  watchers.add(watcher);
  watcher(known);
  return () => watchers.delete(watcher);
}

export async function refreshWorkspace() {
  try {
    known = await api.workspace();
    for (const watcher of [...watchers]) watcher(known);
  } catch (error) { complain(error); }
  return known;
}

/** The file of a preset in the workspace: names are shown without their suffix. */
export const presetFile = (name) => (/\.ya?ml$/i.test(name) ? name : `${name}.yaml`);

/** A name that no preset of the workspace has: "neon", "neon-2", ... */
export function freeName(wanted) {
  const taken = new Set((known?.presets ?? []).filter((preset) => !preset.shipped).map((preset) => stem(preset.name)));
  let name = wanted;
  for (let n = 2; taken.has(name); n += 1) name = `${wanted}-${n}`;
  return name;
}

/** The file that a preset's source names, where it is not in the workspace; null where it is, or is no plain file. */
export function missingSource(source) {
  if (!known || typeof source !== "string" || /^sample:|^noise$|[/\\%]/.test(source) || !/\.[a-z0-9]+$/i.test(source)) return null;
  return [...known.sources, ...known.films].some((each) => each.name === source) ? null : source;
}

export function startWorkspace() {
  const soon = settle(150, refreshWorkspace);
  listen("workspace", soon);
  listen("open", soon);
  listen("job", ({ job }) => job.state === "done" && soon());
  refreshWorkspace();
}
