// Seconds to pixels, values to pixels, steps of rulers, and what a dragged keyframe snaps to.
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
const NEAR = 6;

export class TimeScale {
  constructor(seconds, width, fps) { Object.assign(this, { seconds: seconds || 1, width, fps: fps || 30 }); }
  x(time) { return (this.width * time) / this.seconds; }
  time(x) { return (this.seconds * x) / this.width; }
  frame(time) { return Math.round(Math.max(0, Math.min(time, this.seconds - 1 / this.fps)) * this.fps) / this.fps; }

  /** The times of the ruler's numbers, at least 64 pixels apart. */
  ticks() {
    const step = STEPS.find((each) => this.x(each) >= 64) ?? STEPS.at(-1);
    return { step, times: [...Array(Math.floor(this.seconds / step + 1e-6) + 1).keys()].map((n) => n * step) };
  }

  /** The nearest of `times` within a few pixels, else the nearest frame. */
  snap(time, times) {
    let best = null;
    for (const each of times) {
      const away = Math.abs(this.x(each) - this.x(time));
      if (away <= NEAR && (best === null || away < Math.abs(this.x(best) - this.x(time)))) best = each;
    }
    return best ?? this.frame(time);
  }
}

export class ValueScale {
  /** From the values that are there, with room above and below; `least` and `most` are what the setting allows. */
  constructor(values, height, { least = -Infinity, most = Infinity } = {}) {
    const low = Math.min(...values);
    const high = Math.max(...values);
    const room = high > low ? 0.18 * (high - low) : Math.max(0.25 * Math.abs(high), 0.01);
    Object.assign(this, { low: Math.max(low - room, Math.min(low, least)), high: Math.min(high + room, Math.max(high, most)), height, least, most });
    if (!(this.high > this.low)) this.high = this.low + 1;
  }

  y(value) { return this.height - 7 - ((this.height - 14) * (value - this.low)) / (this.high - this.low); }

  /** The value at a height, rounded to what a hand can mean, within what is allowed. */
  value(y, integer = false) {
    const raw = this.low + ((this.height - 7 - y) * (this.high - this.low)) / (this.height - 14);
    return this.round(Math.max(this.least, Math.min(this.most, raw)), integer);
  }

  get step() { return (this.high - this.low) / 100; }

  round(value, integer = false) {
    const digits = integer ? 0 : Math.max(0, Math.min(6, Math.ceil(-Math.log10(this.step))));
    return Number(value.toFixed(digits));
  }
}

export const pathOf = (times, values, x, y) => times.map((time, n) => `${n ? "L" : "M"}${x(time).toFixed(1)} ${y(values[n]).toFixed(1)}`).join("");
