// The preset's JSON schema: what may stand at a path, with the words that explain it.
import * as api from "../base/api.js";
import { explained } from "./terms.js";

let root = null;
let loading = null;

export function loadSchema() {
  loading ??= api.schema().then((schema) => { root = schema; return schema; });
  return loading;
}

/** The alternatives that a schema allows, references followed. */
function alternatives(schema, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > 8) return [];
  if (schema.$ref) {
    const target = schema.$ref.split("/").slice(1).reduce((at, part) => at?.[part], root);
    return alternatives(target, depth + 1).map((each) => (schema.description ? { ...each, description: schema.description } : each));
  }
  const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (!choices) return [schema];
  return choices.flatMap((choice) => alternatives(choice, depth + 1))
    .map((each) => ({ ...each, description: each.description ?? schema.description, default: each.default ?? schema.default }));
}

function step(schema, key) {
  if (key === "*" || typeof key === "number") return [...alternatives(schema.items), ...(schema.prefixItems ?? []).flatMap((each) => alternatives(each))];
  const own = schema.properties?.[key];
  if (own) return alternatives(own);
  for (const [pattern, value] of Object.entries(schema.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return alternatives(value);
  }
  return typeof schema.additionalProperties === "object" ? alternatives(schema.additionalProperties) : [];
}

/** Every schema that a value at a path may fulfil. */
export function schemasAt(path) {
  let found = root ? alternatives(root) : [];
  for (const key of path) found = found.flatMap((schema) => step(schema, key));
  return found;
}

/** The property itself, with its description and default: schemas of its parent are asked for it. */
export function property(path) {
  const last = path.at(-1);
  return schemasAt(path.slice(0, -1)).map((schema) => schema.properties?.[last]).find(Boolean) ?? null;
}

/** What a setting is, in a sentence or two for a person. */
export function describe(path) {
  const names = path.filter((part) => typeof part === "string" && part !== "*");
  const words = property(names)?.description ?? schemasAt(names).find((schema) => schema.description)?.description ?? "";
  const more = explained(names.join("."));
  return [words && (/[.!?]$/.test(words) ? words : `${words}.`), more].filter(Boolean).join(" ");
}

/** The number schema at a path: {minimum, maximum, integer, default}. */
export function numbers(path) {
  const found = schemasAt(path).find((schema) => schema.type === "number" || schema.type === "integer") ?? {};
  return { minimum: found.minimum ?? found.exclusiveMinimum, maximum: found.maximum ?? found.exclusiveMaximum,
    integer: found.type === "integer", default: property(path)?.default ?? found.default };
}

export const choices = (path) => schemasAt(path).flatMap((schema) => schema.enum ?? (schema.const === undefined ? [] : [schema.const]));

const SECTIONS = ["dream", "focus", "camera", "color", "carry"];

/** The settings that may move over time: [{path, pair, standard}]; of a pair both components move together. */
export function movable() {
  return SECTIONS.flatMap((section) => Object.keys(schemasAt([section])[0]?.properties ?? {}).map((key) => {
    const path = [section, key];
    const found = schemasAt(path);
    const moves = key !== "layers" && found.some((schema) => schema.patternProperties && Object.keys(schema.properties ?? {}).length === 0);
    return moves && { path, pair: found.some((schema) => schema.prefixItems), standard: property(path)?.default };
  })).filter(Boolean);
}

export const eases = () => {
  const keyframe = root?.$defs?.MixKeyframe?.properties?.ease;
  return keyframe ? alternatives(keyframe).flatMap((each) => each.enum ?? []) : ["hold", "linear", "smooth", "in-out-sine"];
};
