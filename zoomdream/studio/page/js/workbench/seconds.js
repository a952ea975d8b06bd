// Times as a preset writes them, in seconds.

/** "4s", "1:30", "120f", "50%", "end" in seconds; null for beats, which only the server knows. `film`: {seconds, fps}. */
export function seconds(at, film) {
  const clock = /^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(at);
  if (clock) return 3600 * Number(clock[1] ?? 0) + 60 * Number(clock[2]) + Number(clock[3]);
  if (at === "end") return film.seconds;
  const found = /^(\d+(?:\.\d+)?) ?(s|ms|f|%)?$/.exec(at);
  if (!found) return null;
  return Number(found[1]) * { s: 1, ms: 0.001, f: 1 / film.fps, "%": film.seconds / 100 }[found[2] ?? "s"];
}
