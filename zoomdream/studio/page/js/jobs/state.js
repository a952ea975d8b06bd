// The jobs as the server tells them, for the bar, the jobs view and the workbench.
import * as api from "../base/api.js";
import { complain } from "../base/floating.js";
import { listen } from "../base/events.js";

let all = [];
const watchers = new Set();

export const ACTIVE = new Set(["waiting", "running", "paused"]);
export const jobs = () => all;

/** Calls `watcher(jobs, changed)` at once and after each change; gives what ends it. */
export function watchJobs(watcher) {
  watchers.add(watcher);
  watcher(all, null);
  return () => watchers.delete(watcher);
}

function publish(changed) {
  for (const watcher of [...watchers]) watcher(all, changed);
}

export async function refreshJobs() {
  try {
    all = await api.jobs();
    publish(null);
  } catch (error) { complain(error); }
}

/** Puts one job's new state in its place. */
export function receive(job) {
  const at = all.findIndex((each) => each.id === job.id);
  const before = at >= 0 ? all[at] : null;
  if (at >= 0) all[at] = job;
  else all = [job, ...all];
  publish({ job, before });
}

export function forget(id) {
  all = all.filter((job) => job.id !== id);
  publish(null);
}

export function startJobs() {
  listen("job", ({ job }) => receive(job));
  listen("open", refreshJobs);
}
