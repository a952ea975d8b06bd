// The bar on top: the places, how many jobs there are, light or dark, the keys.
import { button, h, icon, svg } from "./dom.js";
import { dialog, toast } from "./floating.js";
import { listen } from "./events.js";
import { ACTIVE, watchJobs } from "../jobs/state.js";
import { go } from "./router.js";
import { switchTheme } from "./theme.js";

const PLACES = [["gallery", "Gallery"], ["sources", "Sources"], ["jobs", "Jobs"]];

const KEYS = [
  ["Space", "play or pause"],
  ["← →", "one frame back or forward; with Shift one second"],
  ["Home, End", "first frame, last frame"],
  ["Ctrl or ⌘ S", "save the preset"],
  ["Ctrl or ⌘ Enter", "render a draft"],
  ["Ctrl or ⌘ Z", "undo; with Shift redo"],
  ["Double click on a curve", "a new keyframe"],
  ["Arrows on a keyframe", "move it in time or value; Shift: larger steps"],
  ["Enter on a keyframe", "its time, value and ease"],
  ["Delete on a keyframe", "delete it"],
  ["Ctrl Space in the text", "what may be written here"],
];

function logo() {
  const square = (at, size, opacity) => svg("rect", { x: at, y: at, width: size, height: size, rx: size / 6, opacity });
  return svg("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 1.8, "aria-hidden": "true" },
    square(2, 20, 0.4), square(6, 12, 0.7), square(10, 4, 1));
}

export function showKeys() {
  dialog("Keys", () => ({
    body: h("dl", { class: "keys" }, KEYS.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])),
  }));
}

function jobsBadge() {
  const count = h("span", { class: "count", hidden: true });
  watchJobs((jobs, changed) => {
    const active = jobs.filter((job) => ACTIVE.has(job.state)).length;
    count.hidden = active === 0;
    count.textContent = active;
    count.setAttribute("aria-label", `${active} unfinished`);
    if (!changed?.before || changed.before.state === changed.job.state) return;
    const { job } = changed;
    const open = { label: "Show", run: () => go("#/jobs") };
    if (job.state === "done") toast(`${job.output} is finished.`, { action: open });
    if (job.state === "failed") toast(`${job.preset} was not rendered: ${job.message}`, { bad: true, action: open });
  });
  return count;
}

export function buildShell(root) {
  const offline = h("span", { class: "offline", role: "status" });
  listen("open", () => { offline.textContent = ""; });
  listen("closed", () => { offline.textContent = "Not connected – trying again"; });
  const folder = h("span", { class: "folder clip" });
  const theme = button("Light or dark", { icon: "sun", kind: "quiet", bare: true, onclick: switchTheme });
  const drawTheme = () => theme.replaceChildren(icon(document.documentElement.dataset.theme === "dark" ? "sun" : "moon"));
  addEventListener("theme", drawTheme);
  drawTheme();
  const view = h("main", { id: "view", tabindex: -1 });
  root.replaceChildren(
    h("header", { class: "bar" },
      h("a", { class: "brand", href: "#/gallery" }, logo(), "zoomdream"),
      h("nav", { class: "places", "aria-label": "Places" }, PLACES.map(([place, name]) =>
        h("a", { href: `#/${place}`, data: { place } }, icon(place), name, place === "jobs" && jobsBadge()))),
      h("span", { class: "grow" }), offline, folder,
      button("Keys", { icon: "keyboard", kind: "quiet", bare: true, onclick: showKeys }), theme),
    view);
  return { view, setFolder: (path) => { folder.textContent = path; folder.dataset.tip = `Your workspace: ${path}`; } };
}
