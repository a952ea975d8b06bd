// An open preset: its text is the one truth; checks, the timeline and every edit by the form or a curve come from it.
import * as api from "../base/api.js";
import { settle } from "../base/dom.js";
import { complain } from "../base/floating.js";

const CHECK_WAIT = 110;
const TIMELINE_WAIT = 50;  // after the check
const SAME_TIME = 1e-4;

/** A keyframe in a text that has changed since the timeline was drawn: in a list it may have another place by now. */
async function keyframeOf(text, path, key) {
  const { tracks, mix } = await api.timeline(text);
  const same = (other) => JSON.stringify(other) === JSON.stringify(path);
  const keys = tracks.find((track) => same(track.path))?.keyframes ?? (same(mix?.path ?? ["dream", "layers"]) ? mix?.keyframes : null) ?? [];
  const found = keys.find((each) => Math.abs(each.time - key.time) < SAME_TIME);
  if (!found) throw new Error("This keyframe was changed or deleted meanwhile.");
  return found;
}

/** What was typed and not saved outlives a closed tab: kept in this browser, by preset. */
class Unsaved {
  constructor(name, shipped) { this.key = `zoomdream-unsaved:${shipped ? "shipped" : "own"}:${name}`; }
  read() { try { return JSON.parse(localStorage.getItem(this.key)); } catch { return null; } }
  write(text, version) { try { localStorage.setItem(this.key, JSON.stringify({ text, version })); } catch { /* a full storage costs the copy only */ } }
  forget() { localStorage.removeItem(this.key); }
}

export class PresetDocument extends EventTarget {
  constructor(name, shipped) {
    super();
    Object.assign(this, { name, shipped, text: "", saved: "", version: null, restored: false, conflict: null, stale: false });
    Object.assign(this, { errors: [], warnings: [], form: {}, timeline: null, timelineText: null, checkedText: null });
    this.unsaved = new Unsaved(name, shipped);
    this.queue = Promise.resolve();
    this.saving = Promise.resolve();
    this.check = settle(CHECK_WAIT, () => this.checkNow());
    this.draw = settle(TIMELINE_WAIT, () => this.drawNow());
    this.keep = settle(400, () => (this.dirty ? this.unsaved.write(this.text, this.version) : this.unsaved.forget()));
  }

  get dirty() { return this.text !== this.saved; }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  on(type, listener) { this.addEventListener(type, (event) => listener(event.detail)); }

  async open() {
    const found = await api.readPreset(this.name, this.shipped);
    this.version = found.version ?? null;
    this.saved = found.text;
    const kept = this.unsaved.read();
    this.restored = Boolean(kept && kept.text !== found.text);
    if (this.restored && kept.version && kept.version !== this.version) this.version = kept.version;
    this.setText(this.restored ? kept.text : found.text, "disk");
    this.checkNow();
  }

  /** `origin`: "editor" for what was typed, "edit" for the form and the timeline, "disk" for what was read. */
  setText(text, origin) {
    if (text === this.text) return;
    this.text = text;
    this.tell("text", origin);
    this.tell("status");
    this.check();
    this.draw.cancel();
    this.keep();
  }

  async checkNow() {
    const text = this.text;
    this.check.cancel();
    try {
      const found = await api.check(text);
      if (text !== this.text) return;
      this.errors = found.errors ?? [];
      this.warnings = found.warnings ?? [];
      if (!this.errors.length || Object.keys(found.form ?? {}).length) this.form = found.form ?? {};
      this.checkedText = text;
      this.tell("checked");
      this.draw();  // what is wrong is said first
    } catch (error) { complain(error); }
  }

  /** The timeline of the text as it is; of a text with mistakes the last one stays, marked as such. */
  async drawNow() {
    const text = this.text;
    this.draw.cancel();
    try {
      const found = await api.timeline(text);
      if (text !== this.text) return;
      this.timeline = found;
      this.timelineText = text;
      this.stale = false;
    } catch (error) {
      if (text !== this.text) return;
      this.stale = true;
      this.timelineMessage = error.message;
    }
    this.tell("timeline");
  }

  /** Changes the text by a call to the server; where one typed meanwhile, the change is made to what was typed. */
  change(make) {
    const run = async () => {
      for (let tries = 0; tries < 4; tries += 1) {
        const before = this.text;
        const { text } = await make(before);
        if (this.text !== before) continue;
        this.setText(text, "edit");
        return;
      }
    };
    this.queue = this.queue.then(run).catch(complain);
    return this.queue;
  }

  /** Edits as [{path, value}]; a value of null deletes. */
  edit(edits) { return this.change((text) => api.edit(text, edits)); }

  /** `key`: the keyframe of the timeline that it is about; null where one is added. */
  keyframe(path, action, key, values) {
    const seen = this.timelineText;
    return this.change(async (text) => {
      const name = key && (text === seen ? key : await keyframeOf(text, path, key)).key;
      return api.keyframes(text, path, action, { key: name, ...values });
    });
  }

  /** Saves; gives false where the file is another one by now: then `conflict` holds what is there. */
  save() {
    const saved = this.write();
    this.saving = saved.catch(() => {});
    return saved;
  }

  async write() {
    const text = this.text;
    try {
      const { version } = await api.writePreset(this.name, text, this.version);
      Object.assign(this, { saved: text, version, conflict: null, restored: false });
      if (!this.dirty) this.unsaved.forget();
      this.tell("status");
      return true;
    } catch (error) {
      if (error.status !== 409) throw error;
      this.conflict = error.body;
      this.tell("status");
      return false;
    }
  }

  /** The preset's name from now on: a shipped one was saved as the workspace's own. */
  rename(name) {
    this.unsaved.forget();
    Object.assign(this, { name, shipped: false, version: null });
    this.unsaved = new Unsaved(name, false);
  }

  /** What is on the disk counts; the own changes are gone. */
  async takeDisk() {
    const found = await api.readPreset(this.name, this.shipped);
    Object.assign(this, { saved: found.text, version: found.version ?? null, conflict: null, restored: false });
    this.setText(found.text, "disk");
    this.unsaved.forget();
    this.tell("status");
  }

  /** The own text counts, and replaces what is on the disk when it is saved. */
  keepMine() {
    this.version = this.conflict.version ?? null;
    this.conflict = null;
    this.tell("status");
  }

  /** The server says that the file changed. */
  async changedOnDisk(version) {
    await this.saving;  // the word of one's own save may come before its answer
    if (this.shipped || version === this.version) return;
    if (!this.dirty) { await this.takeDisk(); return; }
    this.conflict = { message: `${this.name} was changed by another program or tab.`, version };
    this.tell("status");
  }
}
