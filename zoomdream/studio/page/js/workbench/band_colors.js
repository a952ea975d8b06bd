// One color for each objective's name, the same in the form and on the timeline.
const COUNT = 8;

/** A function from a name to its color; colors are given out in the order in which names come. */
export function bandColors() {
  const given = new Map();
  return (name) => {
    if (!given.has(name)) given.set(name, `var(--band-${given.size % COUNT})`);
    return given.get(name);
  };
}
