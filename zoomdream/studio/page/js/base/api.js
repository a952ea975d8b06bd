// The server's interface. Every error is an ApiError whose message is one sentence for a person.
export class ApiError extends Error {
  constructor(message, status, body) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

async function ask(method, path, { json, body, signal } = {}) {
  const headers = json === undefined ? {} : { "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(path, { method, headers, body: json === undefined ? body : JSON.stringify(json), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The studio does not answer. Is `zoomdream studio` still running?", 0, null);
  }
  const type = response.headers.get("content-type") ?? "";
  const content = type.includes("json") ? await response.json() : await response.text();
  if (response.ok) return content;
  const message = content?.message ?? `The studio answered ${response.status} to ${method} ${path}.`;
  throw new ApiError(message, response.status, content);
}

const get = (path) => ask("GET", path);
const post = (path, json, signal) => ask("POST", path, { json, signal });
const remove = (path) => ask("DELETE", path);
const part = encodeURIComponent;

export const workspace = () => get("/api/workspace");

export const readPreset = (name, shipped) => get(`/api/presets/${part(name)}${shipped ? "?shipped=1" : ""}`);
export const writePreset = (name, text, version) => ask("PUT", `/api/presets/${part(name)}`, { json: { text, version } });
export const deletePreset = (name) => remove(`/api/presets/${part(name)}`);
export const copyPreset = (from, shipped, newName) =>
  post(`/api/presets/${part(from)}/copy`, { from, shipped, new_name: newName });

export const check = (text, signal) => post("/api/check", { text }, signal);
export const edit = (text, edits) => post("/api/edit", { text, edits });
export const timeline = (text, signal) => post("/api/timeline", { text }, signal);
export const keyframes = (text, path, action, values) => post("/api/keyframes", { text, path, action, ...values });
export const schema = () => get("/api/schema");
export const networks = () => get("/api/networks");
export const layers = (network) => get(`/api/networks/${part(network)}/layers`);
export const families = () => get("/api/families");
export const classes = (network, query) => get(`/api/networks/${part(network)}/classes?query=${part(query)}`);

export const startPreview = (kind, text, at, output) => post("/api/previews", { kind, text, at, output });
export const preview = (id) => get(`/api/previews/${part(id)}`);

export const probe = (name) => get(`/api/sources/${part(name)}/probe`);
export const deleteSource = (name) => remove(`/api/sources/${part(name)}`);
export const sourceFile = (name) => `/api/sources/${part(name)}/file`;
export const sourcePoster = (name, at) => `/api/sources/${part(name)}/poster${at === undefined ? "" : `?at=${at}`}`;

export const filmPreset = (name) => get(`/api/films/${part(name)}/preset`);
export const deleteFilm = (name) => remove(`/api/films/${part(name)}`);

export const jobs = () => get("/api/jobs");
export const startJob = (job) => post("/api/jobs", job);
export const changeJob = (id, action) => post(`/api/jobs/${part(id)}/${action}`, {});
export const deleteJob = (id) => remove(`/api/jobs/${part(id)}`);
export const jobLog = (id) => get(`/api/jobs/${part(id)}/log`);

/** Uploads a file, telling `progress` (0 to 1); fetch cannot tell it, so this is an XMLHttpRequest. */
export function upload(file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/sources?name=${part(file.name)}`);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new ApiError(`The upload of ${file.name} broke off. Try it again.`, 0, null)));
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* an answer without JSON has no sentence of its own */ }
      if (request.status < 300) resolve(answer);
      else reject(new ApiError(answer.message ?? `${file.name} was refused (${request.status}).`, request.status, answer));
    });
    request.send(file);
  });
}
