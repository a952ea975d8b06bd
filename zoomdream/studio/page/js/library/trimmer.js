// The strip under a clip: poster frames along its time, its cuts, and two handles for where it begins and ends.
import * as api from "../base/api.js";
import { button, h } from "../base/dom.js";
import { clock } from "../base/formats.js";

const STRIP = 8;

function handle(name, seconds, fps, at, onchange) {
  const grip = h("div", { class: "grip", role: "slider", tabindex: 0, "aria-label": name, "aria-valuemin": 0, "aria-valuemax": seconds });
  const set = (time) => {
    grip.setAttribute("aria-valuenow", time.toFixed(3));
    grip.setAttribute("aria-valuetext", clock(time, 2));
    grip.style.setProperty("left", `${(100 * time) / seconds}%`);
  };
  grip.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    onchange(at() + step * (event.shiftKey ? 1 : 1 / fps));
  });
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    grip.focus();
    grip.setPointerCapture(event.pointerId);
    const box = grip.parentElement.getBoundingClientRect();
    const move = (to) => onchange((seconds * (to.clientX - box.left)) / box.width);
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", () => grip.removeEventListener("pointermove", move), { once: true });
  });
  return { grip, set };
}

/** `taken(range)` gets {from, to} in seconds, or null for all of it, whenever it changes. */
export function trimmer(source, probe, video, taken) {
  const { seconds } = probe;
  const fps = probe.fps || 30;
  let from = 0;
  let to = seconds;
  const words = h("span", { class: "small soft grow" });
  const inside = h("div", { class: "taken" });
  const start = handle("Where the film begins", seconds, fps, () => from, (time) => change(time, to, time));
  const end = handle("Where the film ends", seconds, fps, () => to, (time) => change(from, time, time));
  const strip = h("div", { class: "strip" },
    [...Array(STRIP).keys()].map((n) => {
      const image = h("img", { src: api.sourcePoster(source.name, (((n + 0.5) * seconds) / STRIP).toFixed(2)), alt: "", loading: "lazy" });
      image.addEventListener("error", () => image.replaceWith(h("i", {})));
      return image;
    }),
    (probe.cuts ?? []).map((cut) => h("div", { class: "cut", style: { left: `${(100 * cut) / seconds}%` } })),
    inside, start.grip, end.grip);

  function change(newFrom, newTo, look) {
    const least = 1 / fps;
    const movesEnd = newTo !== to;
    from = Math.max(0, Math.min(newFrom, (movesEnd ? from : to) - (movesEnd ? 0 : least)));
    to = Math.min(seconds, Math.max(newTo, from + least));
    start.set(from);
    end.set(to);
    inside.style.setProperty("left", `${(100 * from) / seconds}%`);
    inside.style.setProperty("right", `${100 - (100 * to) / seconds}%`);
    const whole = from < least / 2 && to > seconds - least / 2;
    words.textContent = whole ? `The whole clip, ${clock(seconds, 2)}` : `From ${clock(from, 2)} to ${clock(to, 2)}: ${(to - from).toFixed(2)} s`;
    if (look !== undefined && video.readyState) video.currentTime = Math.min(look, seconds - least);
    taken(whole ? null : { from, to });
  }
  change(0, seconds);
  const here = (name, set) => button(name, { kind: "small", onclick: set });
  return h("div", { class: "trimmer" }, strip, h("div", { class: "row wrap" }, words,
    here("Begin here", () => change(video.currentTime, to)), here("End here", () => change(from, video.currentTime)),
    here("All of it", () => change(0, seconds))));
}
