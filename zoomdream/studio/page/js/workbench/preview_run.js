// One kind of preview (frame, motion, draft): the newest wish is what counts, and the last picture stays until there is another.
import * as api from "../base/api.js";
import { listen } from "../base/events.js";
import { plural } from "../base/formats.js";

const NAMES = { frame: "this frame", motion: "the motion", draft: "the draft" };

export class PreviewRun {
  constructor(kind, changed) {
    Object.assign(this, { kind, changed, id: null, text: null, at: null, wanted: null, picture: null, film: null, how: null });
    Object.assign(this, { busy: false, done: 0, total: null, message: "", note: "", words: "", old: false, asking: false });
    this.endings = [
      listen("preview", ({ preview }) => preview.id === this.id && this.receive(preview)),
      listen("open", () => this.id !== null && this.busy && this.fetch()),
    ];
  }

  end() { for (const end of this.endings) end(); }

  markOld(words) {
    if (!this.picture && !this.film) return;
    this.old = true;
    if (words) this.words = words;
    this.changed(this);
  }

  /** Wishes a preview of `text` (at a time); while one wish is on its way the newest waits, the others are forgotten. */
  async want(text, at, { force = false, output } = {}) {
    if (!force && text === this.text && at === this.at && !this.message) {
      this.old = false;
      this.changed(this);
      return;
    }
    this.wanted = { text, at, output };
    if (this.asking) return;
    this.asking = true;
    try {
      while (this.wanted) {
        const { wanted } = this;
        this.wanted = null;
        Object.assign(this, { busy: true, done: 0, total: null, message: "", words: `Computing ${NAMES[this.kind]}…` });
        this.changed(this);
        await this.start(wanted);
      }
    } finally { this.asking = false; }
  }

  async start({ text, at, output }) {
    try {
      const begun = await api.startPreview(this.kind, text, at, output);
      Object.assign(this, { id: begun.id, text, at });
      await this.fetch();
    } catch (error) {
      Object.assign(this, { busy: false, message: error.message, words: "", text, at });
      this.changed(this);
    }
  }

  async fetch() {
    try { this.receive(await api.preview(this.id)); } catch (error) { this.receive({ id: this.id, state: "failed", message: error.message }); }
  }

  receive(preview) {
    if (preview.id !== this.id || preview.state === "replaced") return;
    const { state, done = 0, total = null, how = null, message = "", picture = null } = preview;
    this.busy = state === "waiting" || state === "running";
    Object.assign(this, { done, total, message: state === "failed" ? message || "This preview failed." : "" });
    if (picture) this.picture = new URL(picture, location.href).href;
    if (state === "done") {
      this.old = false;
      Object.assign(this, { how, note: message });
      if (this.kind !== "frame") this.film = preview.url ?? `/api/previews/${preview.id}/film`;
    } else if (this.kind !== "frame" && this.busy && done > 0) { this.film = null; this.old = false; }
    this.words = this.busy ? this.progress() : "";
    this.changed(this);
  }

  progress() {
    if (this.total && this.kind !== "frame") return `${this.done} of ${plural(this.total, "frame")}`;
    return `Computing ${NAMES[this.kind]}…`;
  }
}
