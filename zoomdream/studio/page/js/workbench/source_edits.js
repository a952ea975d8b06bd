// What changes in a preset that gets another source: of a clip that is shorter than the film, its length too.
import { toast } from "../base/floating.js";
import { workspace } from "../library/workspace.js";
import { seconds } from "./seconds.js";

/** The edits for a source's name; `form` has the values that are written. */
export function sourceEdits(name, form) {
  const edits = [{ path: ["source"], value: name }];
  const clip = workspace()?.sources.find((source) => source.name === name && source.kind === "clip");
  if (!clip?.seconds) return edits;
  const film = { seconds: clip.seconds, fps: Number(form["canvas.fps"]) || 30 };
  const start = seconds(String(form["canvas.start"] ?? 0), film) ?? 0;
  const length = seconds(String(form["canvas.duration"] ?? 0), film) ?? 0;
  if (start >= clip.seconds) edits.push({ path: ["canvas", "start"], value: null });
  if (form["canvas.duration"] !== null && form["canvas.duration"] !== undefined && (start >= clip.seconds || start + length > clip.seconds)) {
    edits.push({ path: ["canvas", "duration"], value: null });
    toast("The film is now as long as the clip.");
  }
  return edits;
}
