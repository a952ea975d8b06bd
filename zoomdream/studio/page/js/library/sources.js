// The sources: photos, clips and sounds; what is in each, where it begins and ends, and a look to dream it with.
import * as api from "../base/api.js";
import { h, icon, replace } from "../base/dom.js";
import { attempt, confirm, toast } from "../base/floating.js";
import { bytes, span } from "../base/formats.js";
import { card, poster, shelf } from "./cards.js";
import { showSource } from "./source_dialog.js";
import { uploadButton } from "./uploads.js";
import { refreshWorkspace, watchWorkspace } from "./workspace.js";

const KINDS = [["photo", "Photos"], ["clip", "Clips"], ["sound", "Sounds"]];

const removeSource = attempt(async (source) => {
  const sure = await confirm(`Delete ${source.name}?`, "The file is deleted from the workspace. Presets that name it will ask for it.", "Delete");
  if (!sure) return;
  await api.deleteSource(source.name);
  await refreshWorkspace();
  toast(`${source.name} was deleted.`);
});

function sourceCard(source) {
  return card({
    name: source.name, title: source.name, onclick: () => showSource(source),
    text: [source.seconds && span(source.seconds), bytes(source.bytes)].filter(Boolean).join(" · "),
    picture: source.kind === "sound" ? h("div", { class: "soundmark" }, icon("sound")) : poster(source.poster, source.name),
    over: source.kind === "clip" && h("span", { class: "playmark" }, icon("film")),
    menu: () => [
      { label: "Look at it", icon: "info", action: () => showSource(source) },
      { label: "Delete", icon: "trash", kind: "danger", action: () => removeSource(source) },
    ],
  });
}

function nothing() {
  return h("div", { class: "empty" }, icon("sources"), h("h2", {}, "Drop a photo or a clip here"),
    h("p", {}, "A photo becomes the beginning of an endless zoom; a clip is dreamed over, frame by frame; a sound moves the camera."),
    uploadButton("Choose files", undefined, { kind: "primary" }));
}

/** Shows the sources in `view`; gives what ends it. */
export function showSources(view) {
  const body = h("div", { class: "library" });
  view.append(body);
  return watchWorkspace((workspace) => {
    if (!workspace) return;
    const shelves = KINDS.map(([kind, title]) => [title, workspace.sources.filter((source) => source.kind === kind)])
      .filter(([, found]) => found.length).map(([title, found]) => shelf(title, "", found.map(sourceCard)));
    replace(body,
      h("header", { class: "welcome" }, h("div", { class: "grow" }, h("h1", {}, "Sources"),
        h("p", { class: "soft" }, "What your films begin with. Drop files anywhere on this page.")),
      shelves.length && uploadButton("Add files")),
      shelves.length ? shelves : nothing());
  });
}
