// Files dropped on the page or chosen with a button: they become sources of the workspace.
import * as api from "../base/api.js";
import { button, h } from "../base/dom.js";
import { complain, toast } from "../base/floating.js";
import { go } from "../base/router.js";
import { refreshWorkspace } from "./workspace.js";

let taker = null;

/** While a view is open, `take(names)` gets the names of what was dropped on it; gives what ends that. */
export function takeDrops(take, words) {
  taker = { take, words };
  return () => { taker = null; };
}

async function uploadOne(file) {
  const bar = h("i", {});
  const box = h("div", { class: "toast upload" }, h("span", { class: "grow clip" }, file.name), h("span", { class: "meter" }, bar));
  toast("");
  const corner = document.querySelector(".toasts");
  corner.lastChild.remove();
  corner.append(box);
  const show = (share) => bar.style.setProperty("transform", `scaleX(${share})`);
  show(0);
  try {
    return (await api.upload(file, show)).name;
  } finally { box.remove(); }
}

/** Uploads files one after the other; the names under which they are sources now. */
export async function uploadAll(files) {
  const names = [];
  for (const file of files) {
    try { names.push(await uploadOne(file)); } catch (error) { complain(error); }
  }
  if (names.length) await refreshWorkspace();
  return names;
}

async function receive(files) {
  const names = await uploadAll([...files]);
  if (!names.length) return;
  if (taker) taker.take(names);
  else toast(`${names.join(", ")} ${names.length > 1 ? "are" : "is"} in your sources.`, { action: { label: "Show", run: () => go("#/sources") } });
}

/** A button that opens the system's file chooser. */
export function uploadButton(text, take = receive, { kind = "", multiple = true } = {}) {
  const field = h("input", { type: "file", accept: "image/*,video/*,audio/*", multiple, class: "unseen", tabindex: -1, "aria-hidden": "true" });
  field.addEventListener("change", async () => {
    const files = [...field.files];
    field.value = "";
    if (files.length) await take(files);
  });
  return h("span", { class: "chooser" }, button(text, { icon: "upload", kind, onclick: () => field.click() }), field);
}

/** Lets files be dropped anywhere on the page. */
export function startDropping() {
  let cover = null;
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const clear = () => { depth = 0; cover?.remove(); cover = null; };
  addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    depth += 1;
    if (!cover) {
      cover = h("div", { class: "dropping" }, taker?.words ?? "Drop photos, clips or sounds to add them to your sources");
      document.body.append(cover);
    }
  });
  addEventListener("dragleave", (event) => { if (carries(event) && --depth <= 0) clear(); });
  addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    const { files } = event.dataTransfer;
    clear();
    receive(files);
  });
}
