// What has to be said about the open preset: a file changed elsewhere, changes from earlier, mistakes and warnings.
import { button, h, icon, replace } from "../base/dom.js";
import { attempt, toast } from "../base/floating.js";
import { plural } from "../base/formats.js";

const notice = (kind, sentence, actions) => h("div", { class: `notice ${kind}`, role: "alert" }, icon("warning"), h("p", {}, sentence), actions);

export function documentNotices(preset, actions) {
  const box = h("div", { class: "notices" });
  let shown = null;
  const keep = attempt(async () => { preset.keepMine(); if (await preset.save()) toast("Your text was saved."); });
  const draw = () => {
    const now = preset.conflict ? `conflict ${preset.conflict.version}` : preset.restored ? "restored" : "";
    if (now === shown) return;
    shown = now;
    if (preset.conflict) {
      replace(box, notice("bad", preset.conflict.message, [
        button("Reload it", { kind: "small", tip: "Take what is on the disk; your changes here are gone", onclick: attempt(() => preset.takeDisk()) }),
        button("Keep mine", { kind: "small", tip: "Replace what is on the disk with the text here", onclick: keep })]));
    } else if (preset.restored) {
      replace(box, notice("", "Changes from earlier, which were not saved, are here again.", [
        button("Discard them", { kind: "small", onclick: attempt(() => preset.takeDisk()) }),
        button("Save", { kind: "small", onclick: actions.save })]));
    } else replace(box);
  };
  preset.on("status", draw);
  return box;
}

/** The list under the text: mistakes with their lines, which lead there, then warnings. */
export function textProblems(preset, show) {
  const list = h("ul", { class: "problems" });
  const draw = () => {
    const errors = preset.errors.map((error) => h("li", { class: "bad" }, h("button", { type: "button", onclick: () => show(error) },
      icon("warning"), h("b", {}, `Line ${error.line ?? 1}`), h("span", {}, error.message))));
    const warnings = preset.warnings.map((warning) => h("li", {}, icon("info"), h("span", {}, typeof warning === "string" ? warning : warning.message)));
    const film = !errors.length && preset.stale && preset.timelineMessage && h("li", { class: "bad" }, h("div", { class: "told" }, icon("warning"), h("span", {}, preset.timelineMessage)));
    const good = !errors.length && !warnings.length && !film && h("li", { class: "good" }, icon("check"), h("span", {}, "No mistakes"));
    list.setAttribute("aria-label", errors.length ? plural(errors.length, "mistake") : "No mistakes");
    replace(list, errors, film, warnings, good);
  };
  preset.on("checked", draw);
  preset.on("timeline", draw);
  return h("div", { class: "problems-box", role: "status" }, list);
}
