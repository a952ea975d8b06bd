// One source: its picture or film, what a probe says about it, the part that is taken, and the preset to dream it with.
import * as api from "../base/api.js";
import { button, h, replace } from "../base/dom.js";
import { attempt, dialog } from "../base/floating.js";
import { bytes, clock, number, span, stem } from "../base/formats.js";
import { go, presetAddress } from "../base/router.js";
import { freeName, presetFile, refreshWorkspace, workspace } from "./workspace.js";
import { trimmer } from "./trimmer.js";

function facts(source, probe) {
  const rows = [
    probe.width && ["Size", `${probe.width} × ${probe.height}`],
    probe.seconds && ["Length", `${clock(probe.seconds)} (${span(probe.seconds)})`],
    probe.fps && ["Rate", `${number(probe.fps, 3)} frames a second`],
    probe.frames > 1 && ["Frames", probe.frames],
    source.kind === "clip" && ["Sound", probe.sound ? "yes" : "none"],
    probe.cuts?.length && ["Cuts", probe.cuts.map((cut) => clock(cut)).join(", ")],
    ["File", bytes(source.bytes)],
  ].filter(Boolean);
  return [h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value))))),
    (probe.warnings ?? []).map((warning) => h("p", { class: "small caution" }, warning))];
}

/** Makes a preset of the workspace from a shipped or own one, with this source and its part. */
const dreamWith = attempt(async (source, choice, part) => {
  const preset = workspace().presets[Number(choice)];
  const { text } = await api.readPreset(preset.name, preset.shipped);
  const edits = source.kind === "sound"
    ? [{ path: ["audio", "file"], value: source.name }]
    : [{ path: ["source"], value: source.name }];
  if (part) {
    edits.push({ path: ["canvas", "start"], value: `${number(part.from, 3)}s` });
    edits.push({ path: ["canvas", "duration"], value: `${number(part.to - part.from, 3)}s` });
  }
  const made = await api.edit(text, edits);
  const name = presetFile(freeName(`${stem(source.name)}-${stem(preset.name)}`));
  await api.writePreset(name, made.text, null);
  await refreshWorkspace();
  go(presetAddress(name, false));
});

function media(source) {
  const url = api.sourceFile(source.name);
  if (source.kind === "photo") return h("img", { class: "player", src: url, alt: `The photo ${source.name}` });
  if (source.kind === "sound") return h("audio", { class: "player", src: url, controls: true });
  return h("video", { class: "player", src: url, controls: true, muted: true, playsinline: true, preload: "metadata" });
}

const SUITS = { clip: ["street-animals", "painted-video"], photo: ["quickstart", "endless-zoom"], sound: ["on-the-beat"] };

export function showSource(source) {
  return dialog(source.name, (close) => {
    const show = media(source);
    const about = h("div", {}, h("p", { class: "small faint" }, "Looking into the file…"));
    const presets = workspace()?.presets ?? [];
    const wanted = SUITS[source.kind].map((name) => presets.findIndex((each) => each.name === name)).find((at) => at >= 0);
    const choice = h("select", { class: "field", "aria-label": "Preset to dream it with" }, presets.map((preset, at) =>
      h("option", { value: at, selected: at === wanted }, preset.shipped ? preset.name : `${stem(preset.name)} (yours)`)));
    let part = null;
    api.probe(source.name).then((probe) => {
      const trim = source.kind === "clip" && probe.seconds
        ? trimmer(source, probe, show, (range) => { part = range; }) : null;
      replace(about, trim, facts(source, probe));
    }, (error) => replace(about, h("p", { class: "small caution" }, error.message)));
    return {
      body: [show, about],
      actions: [h("label", { class: "row grow" }, h("span", { class: "soft nowrap" }, "Dream it with"), choice),
        button("Open", { kind: "primary", onclick: () => { close(); dreamWith(source, choice.value, part); } })],
    };
  }, { wide: true });
}
