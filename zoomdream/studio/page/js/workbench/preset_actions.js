// What can be done with the preset that is open: save, save a copy, render, download.
import * as api from "../base/api.js";
import { ask, attempt, toast } from "../base/floating.js";
import { stem } from "../base/formats.js";
import { receive } from "../jobs/state.js";
import { go, presetAddress, rename } from "../base/router.js";
import { freeName, presetFile as file, refreshWorkspace } from "../library/workspace.js";

export function presetActions(preset) {
  /** Gives a preset in the box, or a copy, a name of its own and saves it. */
  async function saveAs(title) {
    const given = await ask(title, "Name", stem(freeName(stem(preset.name))), "Save", "It is kept as a file in your workspace.");
    if (!given) return false;
    const { version } = await api.writePreset(file(given), preset.text, null);
    preset.rename(file(given));
    Object.assign(preset, { saved: preset.text, version, conflict: null, restored: false });
    rename(presetAddress(preset.name, false));
    preset.tell("status");
    await refreshWorkspace();
    toast(`${stem(preset.name)} was saved.`);
    return true;
  }

  const save = attempt(async () => {
    if (preset.shipped) return saveAs("Save your own copy");
    return preset.save();
  });

  const render = attempt(async (quality) => {
    if (preset.errors.length) return;
    const job = await api.startJob({ name: preset.name, text: preset.text, quality });
    receive(job);
    toast(quality === "draft" ? "The draft is being rendered." : "The film is being rendered.", { action: { label: "Show", run: () => go("#/jobs") } });
  });

  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([preset.text], { type: "text/yaml" }));
    link.download = file(preset.name);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  return { save, render, download, saveCopy: attempt(() => saveAs("Save a copy")) };
}
