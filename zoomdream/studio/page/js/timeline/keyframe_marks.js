// Keyframes as marks on a lane: dragged, moved by arrows, deleted by a key, opened by a click or Enter.
import { h, settle, svg } from "../base/dom.js";
import { clock, value as shown } from "../base/formats.js";

const STILL = 3;

/** A mark at a keyframe. `lane`: {name, scale, values (null where only the time can move), integer, y}; `acts`: what to do. */
export function keyframeMark(key, lane, acts) {
  const valued = Boolean(lane.values) && typeof key.value === "number";
  const spot = () => ({ x: lane.scale.x(now.time), y: valued ? lane.values.y(now.value) : lane.y });
  const now = { time: key.time, value: key.value };
  const mark = svg("g", { class: `key ${key.editable ? "" : "fixed"}`, tabindex: 0, role: "button" },
    svg("circle", { class: "reach", r: 13 }), svg("rect", { class: "shape", x: -4.5, y: -4.5, width: 9, height: 9, rx: 1.5, transform: "rotate(45)" }));

  function draw() {
    const { x, y } = spot();
    mark.dataset.time = now.time;  // where a redraw finds it again
    mark.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    const words = valued ? `: ${shown(now.value)}` : "";
    mark.setAttribute("aria-label", `${lane.name}, keyframe at ${clock(now.time, 2)}${words}, ease ${key.ease ?? "linear"}${key.editable ? "" : ", can be changed in the text only"}`);
  }
  draw();

  function set(time, value) {
    now.time = time;
    if (valued) now.value = value;
    told = false;
    draw();
    acts.moving(key, now, mark);
  }
  const nudge = (time, value) => { set(time, value); acts.pending(move); send(); };

  const changed = () => now.time !== key.time || (valued && now.value !== key.value);
  let told = true;
  const move = () => {
    send.cancel();
    if (told || !changed()) return;
    told = true;
    acts.move(key, { ...now });
  };
  const send = settle(260, move);

  mark.addEventListener("keydown", (event) => {
    const large = event.shiftKey ? 10 : 1;
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") acts.open(key, mark);
    else if (!key.editable) return;
    else if (event.key === "Delete" || event.key === "Backspace") acts.remove(key);
    else if (across) nudge(lane.scale.frame(now.time + (across * large) / lane.scale.fps), now.value);
    else if (up && valued) {
      const step = lane.integer ? large : lane.values.step * large;
      nudge(now.time, lane.values.round(Math.max(lane.values.least, Math.min(lane.values.most, now.value + up * step)), lane.integer));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  mark.addEventListener("contextmenu", (event) => { event.preventDefault(); acts.open(key, mark); });
  mark.addEventListener("dblclick", (event) => event.stopPropagation());
  mark.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    mark.focus({ preventScroll: true });
    const from = { time: now.time, value: now.value };
    let dragged = false;
    mark.setPointerCapture(event.pointerId);
    acts.pressed(true);
    const drag = (to) => {
      const dx = to.clientX - from.x0;
      const dy = to.clientY - from.y0;
      if (!dragged && Math.hypot(dx, dy) < STILL) return;
      if (!key.editable) return;
      if (!dragged) { dragged = true; acts.grabbed(true); mark.classList.add("held"); }
      const onlyTime = to.shiftKey && Math.abs(dx) >= Math.abs(dy);
      const onlyValue = to.shiftKey && !onlyTime;
      const raw = lane.scale.time(from.spotX + dx);
      const time = onlyValue ? from.time : to.altKey ? lane.scale.frame(raw) : lane.scale.snap(raw, acts.snaps());
      const value = valued && !onlyTime ? lane.values.value(from.spotY + dy, lane.integer) : from.value;
      set(time, value);
    };
    const { x, y } = spot();
    Object.assign(from, { x0: event.clientX, y0: event.clientY, spotX: x, spotY: y });
    const end = (last) => {
      mark.removeEventListener("pointermove", drag);
      mark.removeEventListener("pointerup", end);
      mark.removeEventListener("pointercancel", end);
      mark.classList.remove("held");
      if (!dragged && last.type === "pointerup") acts.open(key, mark);
      if (dragged) acts.grabbed(false);
      if (dragged && last.type === "pointercancel") set(from.time, from.value);
      else if (dragged) move();
      acts.pressed(false);
    };
    mark.addEventListener("pointermove", drag);
    mark.addEventListener("pointerup", end);
    mark.addEventListener("pointercancel", end);
  });
  return mark;
}

/** The words that follow a keyframe while it is dragged. */
export function dragLabel() {
  const label = h("div", { class: "drag-label", hidden: true });
  return {
    element: label,
    show(mark, now) {
      const box = mark.getBoundingClientRect();
      label.textContent = `${clock(now.time, 2)}${typeof now.value === "number" ? ` · ${shown(now.value)}` : ""}`;
      label.hidden = false;
      label.style.left = `${Math.round(Math.min(box.left + 22, innerWidth - 130))}px`;
      label.style.top = `${Math.round(Math.max(4, box.top - 26))}px`;
    },
    hide() { label.hidden = true; },
  };
}
