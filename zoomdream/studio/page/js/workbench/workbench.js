// The workbench: one preset with what it looks like, its form, its text and its timeline.
import { button, h, icon, replace } from "../base/dom.js";
import { attempt, complain, openMenu } from "../base/floating.js";
import { listen } from "../base/events.js";
import { stem } from "../base/formats.js";
import { createEditor } from "../text/editor.js";
import { complete, explain } from "../text/completion.js";
import { createForm } from "../form/form.js";
import { PresetDocument } from "./document.js";
import { Playhead } from "./playhead.js";
import { documentNotices, textProblems } from "./notices.js";
import { presetActions } from "./preset_actions.js";
import { bandColors } from "./band_colors.js";
import { createTimeline } from "../timeline/timeline.js";
import { missingSource, watchWorkspace } from "../library/workspace.js";
import { takeDrops } from "../library/uploads.js";
import { createViewer } from "./viewer.js";
import { seconds } from "./seconds.js";
import { sourceEdits } from "./source_edits.js";
import { splitter } from "./splitter.js";
import { workbenchKeys } from "./keys.js";

const PANES = [["form", "Settings"], ["text", "Text"], ["timeline", "Timeline"]];

function headOf(preset, editor, actions) {
  const name = h("h1", { class: "clip" });
  const state = h("span", { class: "badge", role: "status" });
  const undo = button("Undo", { icon: "undo", kind: "quiet", bare: true, onclick: () => editor.undo() });
  const redo = button("Redo", { icon: "redo", kind: "quiet", bare: true, onclick: () => editor.redo() });
  const save = button("Save", { kind: "save", tip: "Save the preset (Ctrl or ⌘ S)", onclick: () => actions.save() });
  const draft = button("Render draft", { icon: "film", kind: "primary", tip: "Small and fast, to look at (Ctrl or ⌘ Enter)", onclick: () => actions.render("draft") });
  const more = button("More ways to render", { icon: "more", kind: "primary", bare: true, "aria-haspopup": "menu", onclick: () => openMenu(more, [
    { label: "Render the final film", icon: "film", action: () => actions.render("final") },
    { label: "Render a draft", icon: "play", action: () => actions.render("draft") },
    "-",
    { label: "Save a copy…", icon: "copy", action: () => actions.saveCopy() },
    { label: "Download the text", icon: "download", action: () => actions.download() },
  ], { name: "Render" }) });
  const element = h("header", { class: "preset-bar" },
    h("a", { class: "button quiet icon", href: "#/gallery", "aria-label": "Back to the gallery", "data-tip": "Back to the gallery" }, icon("back")),
    name, state, h("span", { class: "grow" }), undo, redo, save, h("span", { class: "joined" }, draft, more));
  const update = () => {
    name.textContent = stem(preset.name);
    const wrong = preset.errors.length > 0 || missingSource(preset.form.source) !== null;
    state.textContent = preset.shipped && !preset.dirty ? "In the box" : preset.dirty ? "Not saved" : "Saved";
    state.dataset.tip = preset.shipped ? "A preset in the box: it stays as it is, you save a copy of your own." : "";
    save.disabled = !preset.dirty && !preset.shipped;
    draft.disabled = more.disabled = wrong;
    const { undo: back, redo: forth } = editor.depth();
    undo.disabled = back === 0;
    redo.disabled = forth === 0;
  };
  return { element, update };
}

/** Shows the workbench of a preset in `view`; gives what ends it. */
export function showWorkbench(view, name, shipped) {
  const preset = new PresetDocument(name, shipped);
  const playhead = new Playhead();
  const colors = bandColors();
  const editor = createEditor({ typed: (text) => preset.setText(text, "editor"), complete, explain });
  const timeline = createTimeline(preset, playhead, { colors, editMix: () => showPane("form", "dream.layers") });
  const takeSource = (file) => preset.edit(sourceEdits(file, preset.form));
  const viewer = createViewer(preset, playhead, takeSource);
  const form = createForm(preset, {
    colors, takeSource, animate: (keys) => { showPane("timeline"); timeline.show(keys); },
    addKeyframes: (keys, value) => { timeline.begin(keys, value); showPane("timeline"); },
    now: () => playhead.time,
    secondsAt: (at) => seconds(at, playhead),
    goTo: (at) => { const time = seconds(at, playhead) ?? timeOfMix(at); if (time !== null) playhead.set(time); },
  });
  const actions = presetActions(preset);
  const head = headOf(preset, editor, actions);
  const notices = documentNotices(preset, actions);
  const problems = textProblems(preset, (error) => { showPane("text"); editor.show(error.line, error.column); });

  function timeOfMix(at) {
    const keys = preset.timeline?.mix?.keyframes ?? [];
    return keys.find((key) => String(key.key.at(-1)) === at)?.time ?? null;
  }

  const tabs = h("div", { class: "segments panes", role: "tablist", "aria-label": "What is edited" }, PANES.map(([pane, title]) =>
    h("button", { type: "button", role: "tab", id: `tab-${pane}`, data: { pane }, "aria-controls": `pane-${pane}`, onclick: () => showPane(pane) }, title)));
  const panes = {
    form: h("section", { class: "panel pane settings", id: "pane-form", "aria-label": "Settings" }, h("header", { class: "panel-head" }, h("h2", {}, "Settings")), h("div", { class: "panel-body" }, form.element)),
    text: h("section", { class: "panel pane text", id: "pane-text", "aria-label": "Text" }, h("header", { class: "panel-head" }, h("h2", {}, "Text"), h("span", { class: "small faint clip" }, "the whole preset, as YAML")), editor.element, problems),
    timeline: h("div", { class: "pane", id: "pane-timeline" }, timeline.element),
  };
  const bench = h("div", { class: "bench" }, viewer.element, tabs, panes.form, panes.text, panes.timeline);
  view.append(h("div", { class: "workbench" }, head.element, notices, bench));

  function showPane(pane, path) {
    bench.dataset.pane = pane;
    for (const tab of tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.pane === pane));
    timeline.draw();
    editor.measure();
    const row = path && form.element.querySelector(`[data-path="${path}"]`);
    row?.scrollIntoView({ block: "nearest" });
    row?.querySelector("input, button")?.focus();
  }
  showPane("form");

  preset.on("text", (origin) => { if (origin !== "editor") editor.setText(preset.text, { history: origin === "edit" }); head.update(); });
  preset.on("checked", () => { editor.setErrors(preset.errors); head.update(); });
  preset.on("status", head.update);
  const endings = [
    listen("preset", (event) => event.name === preset.name && attempt(() => preset.changedOnDisk(event.version))()),
    listen("cuts", () => preset.drawNow()),
    takeDrops((files) => takeSource(files[0]), "Drop a photo or a clip: this preset will dream it"),
    workbenchKeys({ preset, playhead, viewer, actions }),
    watchWorkspace(() => { head.update(); form.update(); }),
    splitter(bench),
    viewer.destroy, timeline.destroy, editor.destroy,
  ];
  preset.open().then(head.update, (error) => {
    complain(error);
    replace(bench, h("div", { class: "empty" }, icon("warning"), h("h2", {}, error.message), h("a", { class: "button", href: "#/gallery" }, "To the gallery")));
  });
  return () => { for (const end of endings) end(); };
}
