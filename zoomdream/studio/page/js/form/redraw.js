// Parts of the form that are drawn anew when their value changes, and not under somebody's hands.

/** Gives `show(value)`, which fills `box` by `build(value)` where the value is another one.
 *
 * A button that is exchanged between press and release is never clicked, and a field in which somebody types would lose
 * it: what is new is shown after that. What had the focus, by its `data-focus`, has it again. */
export function redrawing(box, build) {
  let last = null;
  let late = null;
  let pressed = false;
  const typing = () => box.querySelector("input:is([type=number],[type=text]):focus") !== null;
  const released = () => {
    removeEventListener("pointerup", released, true);
    removeEventListener("pointercancel", released, true);
    pressed = false;
    setTimeout(() => late?.());
  };
  box.addEventListener("pointerdown", () => {
    pressed = true;
    addEventListener("pointerup", released, true);
    addEventListener("pointercancel", released, true);
  });
  box.addEventListener("focusout", () => setTimeout(() => late?.()));
  return function show(value) {
    const text = JSON.stringify(value);
    late = pressed || typing() ? () => show(value) : null;
    if (text === last || late) return;
    last = text;
    const focus = box.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    box.replaceChildren(...[build(value)].flat(Infinity).filter(Boolean));
    if (focus) box.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  };
}
