// What the server tells of its own accord: jobs, previews, presets changed on disk. Listeners are called with each.
const listeners = new Map();
let socket = null;
let wait = 500;

/** Calls `listener(event)` for events of a type ("job", "preview", "preset", "workspace", "open", "closed"); gives what ends it. */
export function listen(type, listener) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(listener);
  return () => listeners.get(type).delete(listener);
}

function tell(type, event) {
  for (const listener of [...(listeners.get(type) ?? [])]) listener(event);
}

/** Connects and stays connected: after a break it tries again, and "open" says that what was missed must be fetched. */
export function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/api/events`);
  socket.addEventListener("open", () => { wait = 500; tell("open", {}); });
  socket.addEventListener("message", (message) => {
    const event = JSON.parse(message.data);
    tell(event.type, event);
  });
  socket.addEventListener("close", () => {
    tell("closed", {});
    setTimeout(connect, wait);
    wait = Math.min(wait * 1.6, 8000);
  });
}
