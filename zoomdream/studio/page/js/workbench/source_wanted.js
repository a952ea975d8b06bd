// In place of a picture: the preset names a source that is not there. A file can be dropped, uploaded or chosen.
import { h, icon, replace } from "../base/dom.js";
import { poster } from "../library/cards.js";
import { uploadAll, uploadButton } from "../library/uploads.js";
import { workspace } from "../library/workspace.js";

const MOST = 4;

/** `take(name)` gets the source that was chosen; `show(name)` says which one is missing, null: none. */
export function sourceWanted(take) {
  const element = h("div", { class: "source-wanted", hidden: true });
  let shown = null;
  const upload = async (files) => { const names = await uploadAll(files); if (names.length) take(names[0]); };
  function show(missing) {
    const own = missing ? (workspace()?.sources ?? []).filter((source) => source.kind !== "sound").slice(0, MOST) : [];
    const now = missing && [missing, ...own.map((source) => source.name)].join("|");
    element.hidden = !missing;
    if (now === shown) return;
    shown = now;
    if (!missing) return;
    replace(element, icon("sources"), h("h2", {}, `There is no ${missing} in your workspace`), h("p", { class: "soft" }, "Drop a photo or a clip here, or choose one:"),
      h("div", { class: "row wrap" }, uploadButton("Upload a file", upload, { kind: "primary", multiple: false }),
        own.map((source) => h("button", { type: "button", class: "button", onclick: () => take(source.name) }, h("span", { class: "thumb" }, poster(source.poster, source.name)), h("span", { class: "clip" }, source.name)))));
  }
  return { element, show };
}
