// The moment that is looked at: one time for the timeline, the viewer and the editor's new keyframes.
export class Playhead extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { time: 0, seconds: 0, fps: 30 });
  }

  /** The film's length and rate; the time stays, as far as there is a frame. */
  setFilm(seconds, fps) {
    Object.assign(this, { seconds, fps });
    this.set(this.time);
  }

  get last() { return Math.max(0, this.seconds - 1 / this.fps); }

  get frame() { return Math.round(this.time * this.fps); }

  /** Goes to the nearest frame. `by`: who asks, so that a player does not answer itself. */
  set(time, by = "person") {
    const frame = Math.round(Math.max(0, Math.min(time, this.last)) * this.fps);
    const next = frame / this.fps;
    if (next === this.time) return;
    this.time = next;
    this.dispatchEvent(new CustomEvent("time", { detail: by }));
  }

  step(frames) { this.set(this.time + frames / this.fps); }

  on(listener) { this.addEventListener("time", (event) => listener(this.time, event.detail)); }
}
