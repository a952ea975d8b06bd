// What each layer and some classes of the network in the box look like; the files are in page/pictures.
const LAYERS = ["conv1", "fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8", "fire9", "conv10"];

/** The classes that have a picture: they are shown first. */
export const PICTURED = ["African chameleon", "artichoke", "balloon", "castle", "church", "coral reef", "daisy", "espresso", "flamingo", "fountain",
  "golden retriever", "goldfish", "jellyfish", "ladybug", "monarch", "mushroom", "palace", "peacock", "pineapple", "school bus", "sea anemone",
  "snail", "starfish", "steam locomotive", "strawberry", "suspension bridge", "teapot", "tiger", "tree frog", "violin", "volcano"];

const known = { layer: new Set(LAYERS), class: new Set(PICTURED) };

/** The address of a picture, or null; `kind` is "layer" or "class". */
export function pictureOf(network, kind, name) {
  if (network !== "squeezenet1_1" || !known[kind].has(name)) return null;
  return `/page/pictures/squeezenet1_1/${kind === "class" ? "class-" : ""}${name.replaceAll(" ", "-")}.webp`;
}
