// Times, sizes and numbers as a person reads them.
export function clock(seconds, digits = 1) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const minutes = Math.floor(seconds / 60 + 1e-9);
  const rest = (seconds - 60 * minutes).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return `${minutes}:${rest}`;
}

/** "2.5 s", "3 min 20 s", "1 h 5 min". */
export function span(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${number(seconds, 1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60 ? `${whole % 60} s` : ""}`.trim();
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export function bytes(count) {
  if (count === null || count === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let step = 0;
  let left = count;
  while (left >= 1000 && step < units.length - 1) { left /= 1000; step += 1; }
  return `${left < 10 && step ? left.toFixed(1) : Math.round(left)} ${units[step]}`;
}

/** A number with at most so many digits after the point, without trailing zeros. */
export const number = (value, digits = 3) => String(Number(Number(value).toFixed(digits)));

/** A value of the camera or the dream: about four digits that count. */
export function value(given) {
  if (Array.isArray(given)) return given.map(value).join(", ");
  const size = Math.abs(given);
  return number(given, size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.1 || given === 0 ? 3 : 5);
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** "camera.step_size" -> "Step size". */
export function label(path) {
  const name = (Array.isArray(path) ? path.filter((part) => typeof part === "string") : path.split(".")).at(-1);
  const words = String(name).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const stem = (name) => name.replace(/\.[^.]+$/, "");
