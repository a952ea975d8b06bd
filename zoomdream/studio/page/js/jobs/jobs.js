// The jobs: what is rendered, what waits, what is finished.
import { h, icon, replace } from "../base/dom.js";
import { jobCard } from "./job_card.js";
import { ACTIVE, watchJobs } from "./state.js";

function group(title, cards) {
  return cards.length ? h("section", { class: "shelf" }, h("header", {}, h("h2", {}, title)), h("ul", { class: "jobs" }, cards)) : null;
}

/** Shows the jobs in `view`; gives what ends it. Cards stay the same elements, so that an open log stays open. */
export function showJobs(view) {
  const cards = new Map();
  const body = h("div", { class: "library narrow" });
  view.append(body);
  let shape = null;
  return watchJobs((jobs) => {
    for (const job of jobs) {
      if (cards.has(job.id)) cards.get(job.id).update(job);
      else cards.set(job.id, jobCard(job));
    }
    const active = jobs.filter((job) => ACTIVE.has(job.state));
    const over = jobs.filter((job) => !ACTIVE.has(job.state)).reverse();
    const now = [active, over].map((some) => some.map((job) => job.id).join()).join("|");
    if (now === shape) return;
    shape = now;
    replace(body,
      h("header", { class: "welcome" }, h("div", { class: "grow" }, h("h1", {}, "Jobs"),
        h("p", { class: "soft" }, "One film is rendered at a time. It goes on when you close this page; when the studio ends, it goes on the next time."))),
      jobs.length ? [group("Now", active.map((job) => cards.get(job.id).element)), group("Finished", over.map((job) => cards.get(job.id).element))]
        : h("div", { class: "empty" }, icon("film"), h("h2", {}, "Nothing is being rendered"),
          h("p", {}, "Open a preset and press Render: the film appears here while it grows."),
          h("a", { class: "button primary", href: "#/gallery" }, "Choose a preset")));
  });
}
