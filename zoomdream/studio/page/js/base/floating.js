// What floats over the page: tooltips, menus, dialogs, toasts.
import { button, h, icon } from "./dom.js";

function place(element, anchor, gap = 6) {
  const box = anchor.getBoundingClientRect();
  const own = element.getBoundingClientRect();
  const below = box.bottom + gap + own.height <= innerHeight || box.top < own.height + gap;
  const top = below ? Math.min(box.bottom + gap, innerHeight - own.height - 8) : box.top - own.height - gap;
  const left = Math.max(8, Math.min(box.left, innerWidth - own.width - 8));
  element.style.left = `${Math.round(left)}px`;
  element.style.top = `${Math.round(Math.max(8, top))}px`;
}

/** Shows the text in `data-tip` of what the pointer or the focus is on. */
export function startTooltips() {
  const tip = h("div", { id: "tooltip", role: "tooltip", hidden: true });
  document.body.append(tip);
  let timer = 0;
  const hide = () => { clearTimeout(timer); tip.hidden = true; };
  const show = (target, delay) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!target.isConnected) return;
      (target.closest("dialog[open]") ?? document.body).append(tip);
      tip.textContent = target.dataset.tip;
      tip.hidden = false;
      place(tip, target);
    }, delay);
  };
  document.addEventListener("pointerover", (event) => {
    const target = event.target.closest?.("[data-tip]");
    if (target) show(target, event.pointerType === "touch" ? 0 : 350);
    else hide();
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.dataset?.tip && event.target.matches(":focus-visible")) show(event.target, 0);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("pointerdown", (event) => { if (event.pointerType !== "touch") hide(); });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", hide, true);
}

/** Opens a menu at an element. Items: {label, icon, action, kind, checked}, "-" for a line, or an element. */
export function openMenu(anchor, items, { name = "Menu", role = "menu", onclose } = {}) {
  const back = document.activeElement;
  const menu = h("div", { class: "menu", role, "aria-label": name, tabindex: -1 });
  const close = (refocus = true) => {
    menu.remove();
    anchor.removeAttribute?.("aria-expanded");
    document.removeEventListener("pointerdown", outside, true);
    if (refocus && back?.isConnected) back.focus();
    onclose?.();
  };
  const outside = (event) => { if (!menu.contains(event.target)) close(false); };
  for (const item of items.filter(Boolean)) {
    if (item === "-") menu.append(h("hr", {}));
    else if (item instanceof Element) menu.append(item);
    else {
      const checkable = item.checked !== undefined;
      menu.append(h("button", { type: "button", role: checkable ? "menuitemradio" : "menuitem", class: item.kind,
        "aria-checked": checkable ? String(item.checked) : null, tabindex: -1, "data-tip": item.tip || null,
        onclick: () => { close(); item.action(); } }, item.picture ?? (item.icon && icon(item.icon)), h("span", {}, item.label)));
    }
  }
  menu.addEventListener("keydown", (event) => {
    const all = [...menu.querySelectorAll("[role^=menuitem]")];
    const at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" || (event.key === "Tab" && role === "menu")) { event.preventDefault(); event.stopPropagation(); close(); }
    else if (step && all.length && !event.target.matches("input, select")) {
      event.preventDefault();
      all[(at + step + all.length) % all.length].focus();
    }
  });
  (anchor.closest?.("dialog[open]") ?? document.body).append(menu);
  anchor.setAttribute?.("aria-expanded", "true");
  place(menu, anchor, 4);
  document.addEventListener("pointerdown", outside, true);
  (menu.querySelector("[aria-checked=true], [role^=menuitem], input, button") ?? menu).focus();
  return close;
}

/** A dialog with a title; `build(close)` gives {body, actions}. Resolves with what `close(value)` was called with. */
export function dialog(title, build, { wide = false } = {}) {
  return new Promise((resolve) => {
    const box = h("dialog", { class: wide ? "wide" : "", "aria-label": title });
    const close = (value) => { box.returned = value; box.close(); };
    const { body, actions = [] } = build(close, box);
    box.append(
      h("header", {}, h("h2", {}, title), button("Close", { icon: "close", kind: "quiet", bare: true, onclick: () => close(null) })),
      h("div", { class: "body" }, body), actions.length ? h("footer", {}, actions) : "");
    box.addEventListener("close", () => { box.remove(); resolve(box.returned ?? null); });
    box.addEventListener("click", (event) => event.target === box && close(null));
    document.body.append(box);
    box.showModal();
    box.querySelector("[autofocus]")?.focus();
  });
}

/** Asks yes or no; `action` is the word on the button that does it. */
export function confirm(title, sentence, action, { danger = true } = {}) {
  return dialog(title, (close) => ({
    body: h("p", { class: "soft" }, sentence),
    actions: [button("Cancel", { onclick: () => close(false), autofocus: true }),
      button(action, { kind: danger ? "danger" : "primary", onclick: () => close(true) })],
  }));
}

/** Asks for a line of text. */
export function ask(title, labelText, given, action, hint = "") {
  return dialog(title, (close) => {
    const field = h("input", { class: "field", id: "ask", value: given, autofocus: true, spellcheck: "false", autocomplete: "off" });
    const submit = () => field.value.trim() && close(field.value.trim());
    field.addEventListener("keydown", (event) => event.key === "Enter" && submit());
    setTimeout(() => field.select());
    return {
      body: [h("label", { for: "ask", class: "small soft" }, labelText), field, hint && h("p", { class: "small faint" }, hint)],
      actions: [button("Cancel", { onclick: () => close(null) }), button(action, { kind: "primary", onclick: submit })],
    };
  });
}

const corner = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

/** Says something in the corner for a while; an error stays until it is closed. */
export function toast(sentence, { bad = false, action } = {}) {
  if (!corner.isConnected) document.body.append(corner);
  for (const old of [...corner.children]) if (old.firstChild.textContent === sentence) old.remove();
  const box = h("div", { class: `toast ${bad ? "bad" : ""}` }, h("span", { class: "grow" }, sentence),
    action && button(action.label, { kind: "small", onclick: () => { box.remove(); action.run(); } }),
    button("Dismiss", { icon: "close", kind: "quiet small", bare: true, onclick: () => box.remove() }));
  corner.append(box);
  while (corner.children.length > 4) corner.firstChild.remove();
  if (!bad) setTimeout(() => box.remove(), 6000);
}

export const complain = (error) => { if (error.name !== "AbortError") toast(error.message, { bad: true }); };

/** Runs what a button asks for; what goes wrong is said in the corner. */
export const attempt = (action) => async (...values) => {
  try { return await action(...values); } catch (error) { complain(error); return undefined; }
};
