// The timeline: lanes over one time scale with a playhead; what is dragged is written back as text.
import * as api from "../base/api.js";
import { button, h, icon, replace } from "../base/dom.js";
import { openMenu } from "../base/floating.js";
import { openKeyframe } from "./keyframe_menu.js";
import { dragLabel } from "./keyframe_marks.js";
import { mixLane, rulerLane, soundLane, trackLane, trackName } from "./lanes.js";
import { eases as schemaEases } from "../text/schema.js";
import { chooseCurve, startKeyframes } from "./new_curves.js";
import { TimeScale } from "./scale.js";

const HEIGHT = 62;
const OPEN = 150;
const MIX = 66;
const GUTTER = 12;  // as in timeline.css

export function createTimeline(preset, playhead, { colors, editMix }) {
  const content = h("div", { class: "lanes" });
  const scroller = h("div", { class: "lanes-scroll", tabindex: 0, role: "region", "aria-label": "Curves over time" }, content);
  const needle = h("div", { class: "needle" }, h("i", {}));
  const label = dragLabel();
  const note = h("span", { class: "small faint clip", role: "status" });
  const opened = new Set();
  let zoom = 1;
  let scale = new TimeScale(1, 600, 30);
  let held = false;  // a keyframe is dragged
  let pressed = false;  // the pointer is down on one: a redraw would take it away, and with it the click
  let unsent = null;  // sends what arrows have moved and the server has not been told yet
  let focus = null;
  let waiting = false;
  const lanes = new Map();

  const head = h("header", { class: "panel-head" }, h("h2", {}, "Timeline"), note, h("span", { class: "grow" }),
    button("Curve", { icon: "plus", kind: "small quiet", tip: "Let another setting move over time", "aria-haspopup": "menu", onclick: (event) => chooseCurve(event.currentTarget, preset, shown, begin) }),
    h("div", { class: "joined" },
      button("Show more time", { icon: "minus", kind: "small", bare: true, onclick: () => setZoom(zoom / 1.6) }),
      button("Show all", { icon: "expand", kind: "small", bare: true, onclick: () => setZoom(1) }),
      button("Show less time", { icon: "plus", kind: "small", bare: true, onclick: () => setZoom(zoom * 1.6) })));
  const element = h("section", { class: "panel timeline", "aria-label": "Timeline" }, head, scroller, label.element);

  const sameKey = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  function actsFor(path, name, unit, hasValue) {
    const send = (action, key, values, time = key.time) => {
      sendPending();
      focus = { path: path.join("."), time };
      return preset.keyframe(path, action, key, values);
    };
    const acts = {
      snaps: () => [...(preset.timeline.beats ?? preset.timeline.audio?.beats ?? []), ...(preset.timeline.cuts ?? []), playhead.time, 0],
      pending: (send) => { if (unsent !== send) { sendPending(); unsent = send; } },
      pressed(now) { pressed = now; if (!now && waiting) draw(); },
      grabbed(now) { held = now; if (!now) { label.hide(); live.stop(); } },
      moving(key, now, mark) { if (held) { label.show(mark, now); live.want(path, key, now); } },
      move: (key, now) => send("move", key, hasValue && typeof now.value === "number" ? { time: now.time, value: now.value } : { time: now.time }, now.time),
      ease: (key, ease) => send("ease", key, { ease }),
      remove: (key) => send("delete", key, {}),
      go: (key) => playhead.set(key.time),
      open: (key, mark) => openKeyframe(mark, key, { name, unit, hasValue, eases: preset.timeline.eases ?? schemaEases() }, acts),
    };
    if (!hasValue) acts.weights = (key) => { playhead.set(key.time); editMix(key); };
    return acts;
  }

  /** What was moved first is told first: what comes after it may be about the same keyframe. */
  function sendPending() {
    const send = unsent;
    unsent = null;
    send?.();
  }

  /** While a keyframe is dragged the server computes the curve anew, as often as it can answer. */
  const live = {
    busy: false, next: null, on: false,
    want(path, key, now) { this.on = true; this.next = { path, key, now: { ...now } }; if (!this.busy) this.run(); },
    stop() { this.on = false; this.next = null; },
    async run() {
      this.busy = true;
      const base = preset.text;
      try {
        while (this.next) {
          const { path, key, now } = this.next;
          this.next = null;
          const { text } = await api.keyframes(base, path, "move", { key: key.key, time: now.time, ...(typeof now.value === "number" ? { value: now.value } : {}) });
          const found = await api.timeline(text);
          const track = found.tracks.find((each) => sameKey(each.path, path));
          if (this.on && track) lanes.get(path.join("."))?.redraw(track);
        }
      } catch { /* a curve that cannot be computed midway is told when the keyframe is let go */ } finally { this.busy = false; }
    },
  };

  /** Whether a track is written as something that can move, were it at one height all along. */
  const moves = (track) => track.moves || (track.keyframes.length > 0 && track.form !== "constant");
  const shown = () => (preset.timeline?.tracks ?? []).filter(moves);

  /** Lets a setting move, and shows its lane higher than the others. */
  function begin(keys, value) {
    opened.add(keys.join("."));
    opened.add([...keys, 0].join("."));
    return startKeyframes(preset, keys, value, playhead);
  }

  const labelWidth = () => Number.parseFloat(getComputedStyle(element).getPropertyValue("--label")) || 150;

  function setZoom(next) {
    const middle = scale.time(Math.max(0, scroller.scrollLeft + (scroller.clientWidth - labelWidth()) / 2));
    zoom = Math.max(1, Math.min(next, 40));
    draw();
    scroller.scrollLeft = scale.x(middle) - (scroller.clientWidth - labelWidth()) / 2;
  }

  function draw() {
    const timeline = preset.timeline;
    waiting = held || pressed;
    if (waiting || !timeline || !scroller.clientWidth) return;
    const top = scroller.scrollTop;
    const hadFocus = content.contains(document.activeElement);
    const focused = hadFocus && document.activeElement.closest(".key");
    if (focused) focus = { path: focused.closest("[data-path]").dataset.path, time: Number(focused.dataset.time) };
    scale = new TimeScale(timeline.seconds, Math.max(160, (scroller.clientWidth - labelWidth() - 2 * GUTTER) * zoom), timeline.fps);
    const beats = timeline.beats ?? timeline.audio?.beats ?? [];
    lanes.clear();
    const tracks = shown().map((track) => {
      const path = track.path.join(".");
      const open = opened.has(path);
      const made = trackLane(track, scale, open ? OPEN : HEIGHT, actsFor(track.path, trackName(track), track.unit, true), { open, toggle: () => { if (!opened.delete(path)) opened.add(path); draw(); } });
      made.track = track;
      lanes.set(path, made);
      return made.element;
    });
    replace(content, rulerLane(scale, beats, h("span", { class: "faint small" }, `${timeline.frames} frames`)),
      timeline.mix?.names.length ? mixLane(timeline.mix, scale, MIX, colors, actsFor(timeline.mix.path ?? ["dream", "layers"], "What is dreamed", "", false)) : null,
      timeline.audio?.peaks?.length ? soundLane(timeline.audio, scale, 48) : null, tracks,
      tracks.length ? null : h("p", { class: "lane-empty small soft" }, icon("curve"), "Nothing moves over time yet. Choose Curve above, or the diamond beside a value."),
      h("div", { class: "cuts", "aria-hidden": "true" }, (timeline.cuts ?? []).map((cut) => h("i", { style: { left: `${scale.x(cut)}px` } }))), needle);
    content.style.width = `${scale.width + labelWidth() + 2 * GUTTER}px`;
    element.classList.toggle("stale", preset.stale);
    note.textContent = preset.stale ? "Not up to date: see the mistake below the text." : "";
    scroller.scrollTop = top;
    drawNeedle();
    refocus(hadFocus);
  }

  /** After a redraw the keyframe that had the focus, or was moved, has it again. */
  function refocus(hadFocus) {
    if (!focus) return;
    const marks = [...content.querySelectorAll(`[data-path="${focus.path}"] .key`)];
    const nearest = marks.sort((a, b) => Math.abs(a.dataset.time - focus.time) - Math.abs(b.dataset.time - focus.time))[0];
    if (hadFocus || document.activeElement === document.body) nearest?.focus({ preventScroll: true });
    focus = null;
  }

  function drawNeedle() {
    const x = scale.x(playhead.time);
    needle.style.setProperty("transform", `translateX(${x.toFixed(1)}px)`);
    needle.hidden = x < scroller.scrollLeft - GUTTER;
  }

  const timeAt = (event) => {
    const left = content.querySelector(".lane-body").getBoundingClientRect().left;
    return scale.time(event.clientX - left);
  };
  content.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest(".lane-body")) return;
    if (event.pointerType === "touch" && !event.target.closest(".ruler")) return;
    playhead.set(timeAt(event));
    content.setPointerCapture(event.pointerId);
    const move = (to) => playhead.set(timeAt(to));
    content.addEventListener("pointermove", move);
    const end = () => content.removeEventListener("pointermove", move);
    content.addEventListener("pointerup", end, { once: true });
    content.addEventListener("pointercancel", end, { once: true });
  });
  content.addEventListener("click", (event) => { if (event.target.closest?.(".lane-body") && !event.target.closest(".key")) playhead.set(timeAt(event)); });
  content.addEventListener("dblclick", (event) => {
    const under = document.elementsFromPoint(event.clientX, event.clientY).map((each) => each.closest(".lane")).find(Boolean);
    const path = under?.dataset.path;
    if (!path) return;
    const time = scale.snap(timeAt(event), [0, ...(preset.timeline.beats ?? [])]);
    const made = lanes.get(path);
    sendPending();
    focus = { path, time };
    if (!made) preset.keyframe(preset.timeline.mix.path ?? ["dream", "layers"], "add", null, { time });
    else {
      const y = event.clientY - under.querySelector(".board").getBoundingClientRect().top;
      preset.keyframe(made.track.path, "add", null, { time, value: made.values.value(y, made.integer) });
    }
  });
  scroller.addEventListener("wheel", (event) => { if (event.ctrlKey || event.metaKey) { event.preventDefault(); setZoom(zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2)); } }, { passive: false });
  scroller.addEventListener("scroll", drawNeedle);
  playhead.on(drawNeedle);
  preset.on("timeline", draw);
  const watch = new ResizeObserver(draw);
  watch.observe(scroller);

  return {
    element, draw,
    /** Opens a track's lane and brings it into view. */
    show(keys) {
      const found = preset.timeline?.tracks.find((track) => track.path.join(".").startsWith(keys.join(".")));
      if (!found) return;
      opened.add(found.path.join("."));
      draw();
      content.querySelector(`[data-path="${found.path.join(".")}"]`)?.scrollIntoView({ block: "nearest" });
    },
    begin,
    destroy: () => watch.disconnect(),
  };
}
