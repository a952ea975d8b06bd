// The border between the panels and the timeline: dragged, or moved with arrows, it gives the timeline more or less room.
import { h } from "../base/dom.js";

const KEY = "zoomdream-timeline";

/** Adds it to the bench; gives what ends it. */
export function splitter(bench) {
  const bar = h("div", { class: "splitter", role: "separator", tabindex: 0, "aria-orientation": "horizontal", "aria-label": "Height of the timeline", "aria-valuemin": 15, "aria-valuemax": 70 });
  const set = (percent) => {
    const share = Math.round(Math.max(15, Math.min(70, percent)));
    bench.style.setProperty("--time-height", `${share}%`);
    bar.setAttribute("aria-valuenow", share);
    localStorage.setItem(KEY, share);
  };
  set(Number(localStorage.getItem(KEY)) || 38);
  const now = () => Number(bar.getAttribute("aria-valuenow"));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 3, ArrowDown: -3 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    set(now() + step);
  });
  bar.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    const move = (to) => { const box = bench.getBoundingClientRect(); set((100 * (box.bottom - to.clientY)) / box.height); };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("pointerup", () => bar.removeEventListener("pointermove", move), { once: true });
    bar.addEventListener("pointercancel", () => bar.removeEventListener("pointermove", move), { once: true });
  });
  bench.append(bar);
  return () => bar.remove();
}
