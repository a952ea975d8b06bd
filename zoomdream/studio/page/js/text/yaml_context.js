// Where in a preset the cursor is: the keys above it, and whether a key or a value is written there. It reads block
// mappings by their indentation and flow collections by their brackets: enough to complete, and no parser.

/** The flow collections that are open at the end of `text`: [{kind: "{" or "[", key}] with the key that a value belongs to. */
function openBrackets(text) {
  const stack = [];
  let quote = null;
  let word = "";
  for (const letter of text) {
    const top = stack.at(-1);
    if (quote) { if (letter === quote) quote = null; else word += letter; continue; }
    if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "#" && /\s$/.test(word)) break;
    else if (letter === "{" || letter === "[") { stack.push({ kind: letter, key: null }); word = ""; }
    else if (letter === "}" || letter === "]") { stack.pop(); word = ""; }
    else if (letter === "," && top) { top.key = null; word = ""; }
    else if (letter === ":" && top?.kind === "{") { top.key = word.trim(); word = ""; }
    else word += letter;
  }
  return stack;
}

const KEY = /^(\s*)((?:- +)*)(?:("(?:[^"]*)"|'(?:[^']*)'|[^\s#:{}[\],][^#:{}]*?)\s*:(?=\s|$))?/;

function head(line) {
  const [, indent, dashes, key] = KEY.exec(line);
  return { indent: indent.length, dashes, key: key?.replaceAll(/^["']|["']$/g, "") ?? null, inner: indent.length + dashes.length };
}

/** The keys that lie above a line, by indentation; "*" stands for an item of a list. */
function keysAbove(lines, at, indent) {
  const path = [];
  let limit = indent;
  for (let n = at - 1; n >= 0 && limit > 0; n -= 1) {
    if (!lines[n].trim() || lines[n].trim().startsWith("#")) continue;
    const found = head(lines[n]);
    if (found.dashes && found.inner <= limit && found.indent < limit) {
      if (found.inner < limit && found.key) path.unshift(found.key);
      path.unshift("*");
      limit = found.indent + (found.indent ? 0 : 1);
      if (found.indent === 0) limit = 1;
      const owner = ownerOf(lines, n, found.indent);
      return owner ? [...keysAbove(lines, owner.at, owner.indent), owner.key, ...path] : path;
    }
    if (found.key && found.indent < limit) { path.unshift(found.key); limit = found.indent; }
  }
  return path;
}

/** The key whose list a line with a dash belongs to; a list may stand at its key's own indentation. */
function ownerOf(lines, at, indent) {
  for (let n = at - 1; n >= 0; n -= 1) {
    if (!lines[n].trim() || lines[n].trim().startsWith("#")) continue;
    const found = head(lines[n]);
    if (!found.dashes && found.key && found.indent <= indent) return { at: n, indent: found.indent, key: found.key };
  }
  return null;
}

/** {path, mode: "key" or "value"} at an offset of the text. */
export function contextAt(text, offset) {
  const before = text.slice(0, offset);
  const lines = before.split("\n");
  const at = lines.length - 1;
  const line = lines[at];
  const found = head(line);
  let path;
  if (found.dashes) {
    const owner = ownerOf(lines, at, found.indent);
    path = owner ? [...keysAbove(lines, owner.at, owner.indent), owner.key, "*"] : ["*"];
  } else path = keysAbove(lines, at, found.indent);
  const rest = line.slice(found.inner);
  let mode = "key";
  if (found.key !== null) { path = [...path, found.key]; mode = "value"; }
  for (const bracket of openBrackets(found.key === null ? rest : rest.slice(rest.indexOf(":") + 1))) {
    if (bracket.kind === "[") { path = [...path, "*"]; mode = "value"; }
    else if (bracket.key === null) mode = "key";
    else { path = [...path, bracket.key]; mode = "value"; }
  }
  return { path, mode };
}
