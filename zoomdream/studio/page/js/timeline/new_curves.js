// Settings that stand still and begin to move: a menu of them, and their first two keyframes.
import { toast, openMenu } from "../base/floating.js";
import { titleOf } from "../form/plan.js";
import { describe, loadSchema, movable } from "../text/schema.js";

/** Two keyframes of the value that it has: at the beginning, and where the playhead is or at the end. */
export function startKeyframes(preset, keys, value, playhead) {
  const inside = playhead.time > 0 && playhead.time < playhead.last;
  const second = inside ? `${Number(playhead.time.toFixed(3))}s` : "end";
  return preset.edit([{ path: keys, value: { "0s": value, [second]: value } }]);
}

/** Opens a menu of what does not move yet; `begin(keys, value)` lets it. */
export async function chooseCurve(anchor, preset, shown, begin) {
  await loadSchema();
  const moving = new Set(shown().map((track) => track.path.filter((part) => typeof part === "string").join(".")));
  const items = movable().filter(({ path }) => !moving.has(path.join("."))).map(({ path, pair, standard }) => {
    const now = preset.form[path.join(".")];
    const isPlain = pair ? Array.isArray(now) && now.every((each) => typeof each === "number") : typeof now === "number";
    return { label: titleOf(path), tip: describe(path), icon: "curve", action: () => begin(path, isPlain ? now : standard) };
  });
  if (items.length) openMenu(anchor, items, { name: "Let another setting move" });
  else toast("Every setting that can move is on the timeline.");
}
