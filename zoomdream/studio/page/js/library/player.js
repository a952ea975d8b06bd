// A film in a dialog: it plays at once, and its recipe can be opened as a preset.
import * as api from "../base/api.js";
import { button, h } from "../base/dom.js";
import { attempt, complain, confirm, dialog, toast } from "../base/floating.js";
import { bytes, span, stem } from "../base/formats.js";
import { go, presetAddress } from "../base/router.js";
import { freeName, presetFile, refreshWorkspace } from "./workspace.js";

const PICTURES = /\.(gif|webp|apng|png|avif)$/i;

/** Writes a film's own recipe into the workspace as a preset and opens it. */
export const openAsPreset = attempt(async (film) => {
  const { text } = await api.filmPreset(film.name);
  const name = presetFile(freeName(stem(film.name)));
  await api.writePreset(name, text, null);
  await refreshWorkspace();
  go(presetAddress(name, false));
});

export const removeFilm = attempt(async (film) => {
  const sure = await confirm(`Delete ${film.name}?`, "The film's file is deleted from the workspace. This cannot be undone.", "Delete");
  if (!sure) return false;
  await api.deleteFilm(film.name);
  await refreshWorkspace();
  toast(`${film.name} was deleted.`);
  return true;
});

export function playFilm(film) {
  return dialog(film.name, (close) => {
    const show = PICTURES.test(film.url)
      ? h("img", { class: "player", src: film.url, alt: `The film ${film.name}` })
      : h("video", { class: "player", src: film.url, controls: true, autoplay: true, loop: true, playsinline: true });
    show.addEventListener("error", () => complain(new Error(`This browser cannot play ${film.name}; download it to watch it.`)));
    return {
      body: [show, h("p", { class: "small faint" }, [film.seconds && span(film.seconds), bytes(film.bytes)].filter(Boolean).join(" · "))],
      actions: [
        button("Delete", { icon: "trash", kind: "danger", onclick: async () => (await removeFilm(film)) && close() }),
        h("span", { class: "grow" }),
        h("a", { class: "button", href: `${film.url}?download=1`, download: film.name }, "Download"),
        button("Open as preset", { icon: "edit", kind: "primary", tip: "Every film carries the recipe that made it",
          onclick: () => { close(); openAsPreset(film); } }),
      ],
    };
  }, { wide: true });
}
