// The workbench's keys. In a field, and in the text, keys write; only those with Ctrl or ⌘ count there.
const writes = (target) => target.closest?.("input, textarea, select, dialog, .menu, .editor, [role=slider]");

export function workbenchKeys({ preset, playhead, viewer, actions }) {
  const onkey = (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "s") { event.preventDefault(); actions.save(); return; }
    if (command && event.key === "Enter") { event.preventDefault(); actions.render("draft"); return; }
    if (command || event.altKey || writes(event.target)) return;
    if (event.key === " ") { if (event.target.closest("button, a, summary")) return; viewer.toggle(); }
    else if (event.key === "ArrowLeft") playhead.step(event.shiftKey ? -playhead.fps : -1);
    else if (event.key === "ArrowRight") playhead.step(event.shiftKey ? playhead.fps : 1);
    else if (event.key === "Home") playhead.set(0);
    else if (event.key === "End") playhead.set(playhead.last);
    else return;
    event.preventDefault();
  };
  const leaving = (event) => { if (preset.dirty) { preset.unsaved.write(preset.text, preset.version); event.preventDefault(); } };
  addEventListener("keydown", onkey);
  addEventListener("beforeunload", leaving);
  return () => { removeEventListener("keydown", onkey); removeEventListener("beforeunload", leaving); };
}
