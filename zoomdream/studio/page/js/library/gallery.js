// The gallery: looks to begin with, the workspace's own presets, finished films.
import * as api from "../base/api.js";
import { h, icon, replace } from "../base/dom.js";
import { ask, attempt, confirm, toast } from "../base/floating.js";
import { bytes, span, stem } from "../base/formats.js";
import { card, poster, shelf } from "./cards.js";
import { openAsPreset, playFilm, removeFilm } from "./player.js";
import { go, presetAddress } from "../base/router.js";
import { uploadAll, uploadButton } from "./uploads.js";
import { freeName, presetFile, refreshWorkspace, watchWorkspace } from "./workspace.js";

const duplicate = attempt(async (preset) => {
  const given = await ask("Copy this preset", "Name of the copy", freeName(stem(preset.name)), "Copy");
  if (!given) return;
  const name = presetFile(given);
  await api.copyPreset(preset.name, preset.shipped, name);
  await refreshWorkspace();
  go(presetAddress(name, false));
});

const removePreset = attempt(async (preset) => {
  if (!await confirm(`Delete ${stem(preset.name)}?`, "The preset's file is deleted from the workspace. Films made from it stay.", "Delete")) return;
  await api.deletePreset(preset.name);
  await refreshWorkspace();
  toast(`${stem(preset.name)} was deleted.`);
});

function presetCard(preset) {
  return card({
    name: preset.name, title: preset.title || preset.name, text: preset.description,
    picture: poster(preset.poster, preset.name), href: presetAddress(preset.name, preset.shipped),
    data: { shipped: preset.shipped ? "1" : "" },
    menu: () => [
      { label: "Copy", icon: "copy", action: () => duplicate(preset) },
      !preset.shipped && { label: "Delete", icon: "trash", kind: "danger", action: () => removePreset(preset) },
    ],
  });
}

/** A film's card plays while the pointer is on it. */
function filmCard(film) {
  const made = card({
    name: film.name, title: film.name, text: [film.seconds && span(film.seconds), bytes(film.bytes)].filter(Boolean).join(" · "),
    picture: poster(film.poster, film.name), onclick: () => playFilm(film),
    over: h("span", { class: "playmark" }, icon("play")),
    menu: () => [
      { label: "Play", icon: "play", action: () => playFilm(film) },
      { label: "Open as preset", icon: "edit", action: () => openAsPreset(film) },
      { label: "Delete", icon: "trash", kind: "danger", action: () => removeFilm(film) },
    ],
  });
  const frame = made.querySelector(".frame");
  let video = null;
  const leave = () => { video?.remove(); video = null; };
  frame.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "touch" || !/\.(mp4|webm|mov|m4v)$/i.test(film.url)) return;
    video = h("video", { src: film.url, muted: true, loop: true, playsinline: true, autoplay: true });
    video.addEventListener("error", leave);
    frame.append(video);
  });
  frame.addEventListener("pointerleave", leave);
  return made;
}

async function takeAndShow(files) {
  if ((await uploadAll(files)).length) go("#/sources");
}

function welcome() {
  return h("header", { class: "welcome" },
    h("div", { class: "grow" }, h("h1", {}, "Choose a look"),
      h("p", { class: "soft" }, "Open a preset, drop your photo or clip on it, change it until you like what you see, and render the film.")),
    uploadButton("Add a photo or clip", takeAndShow));
}

/** Shows the gallery in `view`; gives what ends it. */
export function showGallery(view) {
  const body = h("div", { class: "library" });
  view.append(body);
  return watchWorkspace((workspace) => {
    if (!workspace) return;
    const own = workspace.presets.filter((preset) => !preset.shipped);
    const shipped = workspace.presets.filter((preset) => preset.shipped);
    const scroll = view.scrollTop;
    replace(body, welcome(),
      workspace.films.length && shelf("Films", "", workspace.films.map(filmCard)),
      own.length && shelf("Your presets", "", own.map(presetCard)),
      shelf("Presets in the box", "Opening one changes nothing: you save your own copy.", shipped.map(presetCard)));
    view.scrollTop = scroll;
  });
}
