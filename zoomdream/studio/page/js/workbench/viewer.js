// See: the frame at the playhead, the camera's motion, or a draft of the film; what is there is shown while the rest is computed.
import { button, h, icon, replace } from "../base/dom.js";
import { clock } from "../base/formats.js";
import { missingSource, watchWorkspace, workspace } from "../library/workspace.js";
import { jobs } from "../jobs/state.js";
import { PreviewRun } from "./preview_run.js";
import { sourceWanted } from "./source_wanted.js";
import { WORDS } from "../text/terms.js";

const MODES = [
  ["frame", "Frame", "The dream at the playhead, computed for this moment."],
  ["motion", "Motion", WORDS.motion],
  ["draft", "Draft", WORDS.draft],
];

/** Shows previews of `preset` at `playhead`. */
export function createViewer(preset, playhead, takeSource) {
  let mode = "frame";
  const picture = h("img", { class: "shown", alt: "", hidden: true });
  const film = h("video", { class: "shown", muted: true, loop: true, playsinline: true, hidden: true, "aria-label": "Preview film" });
  const wanted = sourceWanted(takeSource);
  const stage = h("div", { class: "stage" }, picture, film, wanted.element);
  const hint = h("p", { class: "stage-hint" });
  const how = h("span", { class: "badge", hidden: true });
  const bar = h("i", {});
  const meter = h("div", { class: "meter", role: "progressbar", "aria-label": "Progress of the preview", "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const status = h("span", { class: "small soft clip", role: "status" });
  const readout = h("button", { type: "button", class: "readout", "data-tip": "Time and length; the frame's number is below" });
  const play = button("Play", { icon: "play", kind: "quiet", bare: true, tip: "Play or pause (Space)", onclick: () => toggle() });
  const again = button("Make it again", { icon: "refresh", kind: "quiet small", bare: true, onclick: () => ask(true) });
  const runs = Object.fromEntries(MODES.map(([name]) => [name, new PreviewRun(name, (run) => mode === run.kind && draw())]));

  const tabs = h("div", { class: "segments", role: "tablist", "aria-label": "What is shown" }, MODES.map(([name, title, tip]) =>
    h("button", { type: "button", role: "tab", id: `see-${name}`, "aria-selected": String(name === mode), "aria-controls": "stage",
      "data-tip": tip, onclick: () => choose(name) }, title)));
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (MODES.findIndex(([name]) => name === mode) + step + MODES.length) % MODES.length;
    choose(MODES[next][0]);
    tabs.children[next].focus();
  });
  stage.id = "stage";
  stage.setAttribute("role", "tabpanel");
  stage.setAttribute("aria-labelledby", "see-frame");

  const element = h("section", { class: "panel viewer", "aria-label": "See" },
    h("header", { class: "panel-head" }, tabs, how, h("span", { class: "grow" }, status), again),
    stage, hint, meter,
    h("div", { class: "transport" },
      button("First frame", { icon: "first", kind: "quiet", bare: true, onclick: () => playhead.set(0) }),
      button("Back one frame", { icon: "previous", kind: "quiet", bare: true, tip: "Back one frame (←)", onclick: () => playhead.step(-1) }),
      play,
      button("Forward one frame", { icon: "next", kind: "quiet", bare: true, tip: "Forward one frame (→)", onclick: () => playhead.step(1) }),
      readout));

  function drawTime() {
    replace(readout, h("b", {}, clock(playhead.time, 2)), h("span", {}, ` / ${clock(playhead.seconds, 2)}`),
      h("span", { class: "faint" }, `frame ${playhead.frame}`));
  }

  function draw() {
    const run = runs[mode];
    wanted.show(missingSource(preset.form.source));
    const isFilm = Boolean(run.film);
    film.hidden = !isFilm;
    picture.hidden = isFilm || !run.picture;
    if (isFilm && film.dataset.url !== run.film) {
      film.dataset.url = run.film;
      film.src = run.film;
      if (mode !== "frame") film.play().catch(() => {});
    }
    if (!isFilm) film.pause();
    if (run.picture && picture.src !== run.picture) picture.src = run.picture;
    picture.alt = mode === "frame" ? `The dream at ${clock(run.at ?? 0, 2)}` : "The newest frame of the preview";
    stage.classList.toggle("old", run.old);
    how.hidden = !(run.how && mode === "frame");
    how.textContent = run.how === "stand-in" ? "stand-in" : run.how ?? "";
    how.dataset.tip = [WORDS[run.how], run.note].filter(Boolean).join(" ");
    const share = run.total ? run.done / run.total : 0;
    meter.classList.toggle("idle", !run.busy);
    meter.classList.toggle("unknown", run.busy && !run.total);
    bar.style.setProperty("transform", `scaleX(${run.total ? share : 1})`);
    meter.setAttribute("aria-valuenow", Math.round(100 * share));
    status.textContent = run.words;
    replace(hint, run.message ? [icon("warning"), h("span", {}, run.message)] : []);
    hint.hidden = !run.message;
    play.replaceChildren(icon(isFilm && !film.paused ? "pause" : "play"));
  }

  function choose(next) {
    mode = next;
    for (const tab of tabs.children) tab.setAttribute("aria-selected", String(tab.id === `see-${mode}`));
    stage.setAttribute("aria-labelledby", `see-${mode}`);
    draw();
    ask(false);
  }

  /** Asks for the preview that is looked at, unless it is there already. A draft of a changed preset waits for the button. */
  function ask(force) {
    if (!workspace() || preset.checkedText === null || missingSource(preset.form.source)) return;
    if (!force && (preset.errors.length || preset.checkedText !== preset.text)) return;
    const run = runs[mode];
    if (mode === "draft" && run.text && run.text !== preset.text && !force) { run.markOld("The preset was changed: make the draft again"); return; }
    const output = jobs().find((job) => job.preset === preset.name && job.quality === "final" && job.done)?.output;
    if (mode === "frame") run.want(preset.text, playhead.time, { force, output });
    else run.want(preset.text, undefined, { force });
  }

  function toggle() {
    if (mode === "frame") { choose(runs.draft.film && !runs.draft.old ? "draft" : "motion"); return; }
    if (film.hidden) { ask(false); return; }
    if (film.paused) film.play().catch(() => {});
    else film.pause();
  }

  for (const event of ["play", "pause"]) film.addEventListener(event, () => draw());
  const follow = () => {
    if (!film.paused && film.duration) playhead.set((film.currentTime / film.duration) * playhead.seconds, "player");
    if (!film.paused) requestAnimationFrame(follow);
  };
  film.addEventListener("play", () => requestAnimationFrame(follow));
  playhead.on((time, by) => {
    drawTime();
    if (by === "player") return;
    if (mode === "frame") { runs.frame.markOld(""); later(); }
    else if (!film.hidden && film.duration) { film.pause(); film.currentTime = (time / playhead.seconds) * film.duration; }
  });

  let timer = 0;
  const endWatch = watchWorkspace(() => { draw(); later(); });
  function later() { clearTimeout(timer); timer = setTimeout(() => ask(false), 220); }
  preset.on("text", () => { for (const run of Object.values(runs)) run.markOld(""); draw(); });
  preset.on("checked", () => { draw(); later(); });
  preset.on("timeline", () => {
    const timeline = preset.timeline;
    if (timeline) playhead.setFilm(timeline.seconds, timeline.fps);
    drawTime();
  });
  drawTime();
  draw();
  return { element, toggle, choose, ask, stage, destroy() { endWatch(); clearTimeout(timer); for (const run of Object.values(runs)) run.end(); film.removeAttribute("src"); } };
}
