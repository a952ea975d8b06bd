// The networks that dream: one, or several that look at the same picture. Those that are here come first.
import * as api from "../base/api.js";
import { button, h } from "../base/dom.js";
import { redrawing } from "./redraw.js";

export const STANDARD = "squeezenet1_1";

/** The names of a preset's networks, the first one first; `form` has the values that are written. */
export const networksIn = (form) => (Array.isArray(form.networks) && form.networks.length ? form.networks.map(String) : [String(form.network ?? STANDARD)]);

/** The edits that make these the networks: the key is `network` for one, `networks` for several. */
function editsFor(names, form) {
  const old = form.networks ? "networks" : form.network === null || form.network === undefined ? null : "network";
  const key = names.length > 1 ? "networks" : "network";
  const value = names.length > 1 ? names : names[0];
  return [old && old !== key ? { path: [old], rename: key, value } : { path: [key], value }];
}

function missing(network) {
  if (!network || network.present) return null;
  const words = network.install ? `It is not on this machine: ${network.install}` : `Its ${Math.round(network.megabytes)} MB are downloaded when it is used first.`;
  return h("p", { class: "small soft" }, `${network.name}: `, words);
}

export function networksField({ id }, { preset }) {
  const box = h("div", { id, class: "networks", role: "group", "aria-label": "Networks" });
  let known = [];
  const option = ({ name }) => h("option", { value: name }, name);
  const change = (names) => preset.edit(editsFor(names, preset.form));

  function choice(names, at) {
    const free = known.filter(({ name }) => name === names[at] || !names.includes(name));
    const here = free.filter((each) => each.present);
    const later = free.filter((each) => !each.present && (!each.install || each.name === names[at]));
    const field = h("select", { class: "field", "aria-label": names.length > 1 ? `Network ${at + 1}` : "Network", data: { focus: `network ${at}` } },
      known.some(({ name }) => name === names[at]) ? null : option({ name: names[at] }),
      h("optgroup", { label: "On this machine" }, here.map(option)), later.length ? h("optgroup", { label: "Not here yet" }, later.map(option)) : null);
    field.value = names[at];
    const look = known.find(({ name }) => name === names[at])?.look;
    if (look) field.dataset.tip = `Good at ${look}.`;
    field.addEventListener("change", () => change(names.map((name, n) => (n === at ? field.value : name))));
    return h("div", { class: "row" }, field, names.length > 1 && button(`Remove ${names[at]}`, { icon: "close", kind: "small quiet", bare: true, onclick: () => change(names.filter((_, n) => n !== at)) }));
  }

  function build({ names }) {
    const next = known.find(({ name, present }) => present && !names.includes(name));
    return [names.map((_, at) => choice(names, at)), names.map((name) => missing(known.find((each) => each.name === name))),
      next && button("Another network", { icon: "plus", kind: "small quiet", data: { focus: "another" },
        tip: "A second network looks at the same picture. Its layers are written with its name: network/layer.", onclick: () => change([...names, next.name]) })];
  }
  const show = redrawing(box, build);
  const update = () => show({ names: networksIn(preset.form), known: known.length });
  api.networks().then((found) => { known = found; update(); }, () => {});
  return { labelled: false, element: box, update };
}
