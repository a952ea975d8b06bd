// One job: its newest frame, how far it is, what can be done with it, its log and its command line.
import * as api from "../base/api.js";
import { button, h, icon, replace } from "../base/dom.js";
import { attempt, confirm, toast } from "../base/floating.js";
import { number, span } from "../base/formats.js";
import { drawing } from "../library/cards.js";
import { forget, receive } from "./state.js";
import { playFilm } from "../library/player.js";
import { workspace } from "../library/workspace.js";

const STATES = { waiting: "Waiting", running: "Rendering", paused: "Paused", done: "Finished", failed: "Failed", cancelled: "Cancelled" };

const change = attempt(async (job, action) => receive(await api.changeJob(job.id, action) ?? job));

const remove = attempt(async (job) => {
  const sure = await confirm("Delete this job?", "Its finished frames are deleted, so that it cannot go on. A finished film stays in the gallery.", "Delete");
  if (!sure) return;
  await api.deleteJob(job.id);
  forget(job.id);
});

function filmOf(job) {
  const name = typeof job.film === "string" ? decodeURIComponent(job.film.split("/").at(-1)) : job.output;
  return workspace()?.films.find((film) => film.name === name) ?? { name, url: job.film, bytes: null, seconds: null };
}

function actions(job) {
  const act = (name, label, symbol, tip) => button(label, { icon: symbol, kind: "small", tip, onclick: () => change(job, name) });
  return [
    job.state === "done" && job.film && button("Watch", { icon: "play", kind: "small primary", onclick: () => playFilm(filmOf(job)) }),
    (job.state === "running" || job.state === "waiting") && act("pause", "Pause", "pause", "Finished frames are kept"),
    ["paused", "failed", "cancelled"].includes(job.state) && act("resume", "Resume", "play", "Goes on after the last finished frame"),
    ["running", "waiting", "paused"].includes(job.state) && act("cancel", "Cancel", "close"),
    !["running"].includes(job.state) && button("Delete", { icon: "trash", kind: "small quiet", bare: true, onclick: () => remove(job) }),
  ];
}

function line(job) {
  if (job.state === "running" && job.message) return job.message;
  if (job.state === "running") {
    const parts = [`${job.done} of ${job.total ?? "?"} frames`, job.fps && `${number(job.fps, 1)} frames a second`,
      Number.isFinite(job.eta_seconds) && job.eta_seconds !== null && `${span(job.eta_seconds)} left`];
    return parts.filter(Boolean).join(" · ");
  }
  if (job.state === "failed") return job.message;
  if (job.state === "done") return job.message || `${job.total ?? job.done} frames`;
  if (job.state === "waiting" && !job.done) return job.message || "Begins when the film before it is finished";
  return job.done ? `${job.done} of ${job.total ?? "?"} frames are finished` : "";
}

export function jobCard(first) {
  let job = first;
  const frame = h("div", { class: "frame" }, drawing(job.preset ?? job.id));
  const state = h("span", { class: "badge" });
  const bar = h("i", {});
  const meter = h("div", { class: "meter", role: "progressbar", "aria-label": `Progress of ${job.output}`, "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const words = h("p", { class: "small soft" });
  const tools = h("div", { class: "row wrap" });
  const log = h("pre", { class: "log", tabindex: 0, "aria-label": "Log" });
  const command = h("pre", { class: "command", tabindex: 0, "aria-label": "Command" });
  const copy = button("Copy", { icon: "copy", kind: "small", onclick: attempt(async () => {
    await navigator.clipboard.writeText(job.command);
    toast("The command was copied.");
  }) });
  const details = h("details", {}, h("summary", {}, "Log and command"),
    h("p", { class: "small faint" }, "The same on the command line:"), h("div", { class: "row" }, command, copy), log);
  const loadLog = attempt(async () => {
    const text = await api.jobLog(job.id);
    log.textContent = (typeof text === "string" ? text : text.text ?? JSON.stringify(text)) || "Nothing yet.";
    log.scrollTop = log.scrollHeight;
  });
  details.addEventListener("toggle", () => details.open && loadLog());
  let shown = null;
  let drawn = null;

  function picture() {
    if (!job.picture || job.picture === shown) return;
    shown = job.picture;
    const image = new Image();
    image.alt = "The newest frame";
    image.addEventListener("load", () => replace(frame, image));
    image.src = job.picture;
  }

  function update(next) {
    const before = job.state;
    job = next;
    state.textContent = STATES[job.state] ?? job.state;
    state.className = `badge ${job.state === "running" ? "live" : ""} ${job.state === "failed" ? "bad" : ""}`;
    const share = job.state === "done" ? 1 : job.total ? job.done / job.total : 0;
    bar.style.setProperty("transform", `scaleX(${share})`);
    meter.setAttribute("aria-valuenow", Math.round(100 * share));
    meter.hidden = job.state === "done";
    words.textContent = line(job);
    command.textContent = job.command ?? "";
    if (drawn !== job.state) replace(tools, actions(job));
    drawn = job.state;
    if (details.open && before !== job.state) loadLog();
    picture();
  }

  const element = h("li", { class: "job", data: { id: job.id } }, frame,
    h("div", { class: "about" }, h("div", { class: "row" }, h("h3", { class: "grow clip" }, job.output ?? job.preset),
      job.quality === "draft" && h("span", { class: "badge", "data-tip": "Small and fast: for looking, not for keeping" }, icon("info"), "Draft"), state),
    words, meter, tools, details));
  update(job);
  return { element, update };
}
