// What the form shows, in which order; ranges are those of sliders: what is used, within what the schema allows.
import { label } from "../base/formats.js";

export const SECTIONS = [
  { title: "Film", fields: [
    { path: "source", kind: "source", label: "Source" },
    { path: "canvas.size", kind: "size", label: "Size" },
    { path: "canvas.duration", kind: "text", label: "Length", hint: "10s" },
    { path: "canvas.fps", kind: "choice", label: "Frames a second", options: [12, 24, 25, 30, 60], free: true },
    { path: "canvas.start", kind: "text", label: "Begin at", hint: "0s", video: true },
    { path: "seed", kind: "seed", label: "Seed" },
    { path: "loop", kind: "switch", label: "Endless loop", video: false },
  ] },
  { title: "Dream", fields: [
    { path: "dream.layers", kind: "layers", label: "What is dreamed" },
    { path: "network", kind: "networks", label: "Network" },
    { path: "dream.step_size", kind: "number", label: "Strength", low: 0, high: 0.05, step: 0.001 },
    { path: "dream.steps", kind: "number", label: "Steps", low: 0, high: 20, step: 1 },
    { path: "dream.octaves", kind: "number", label: "Octaves", low: 1, high: 8, step: 1 },
    { path: "dream.smoothing", kind: "number", label: "Smoothing", low: 0, high: 4, step: 0.1 },
    { path: "dream.source_pull", kind: "number", label: "Keep the photo", low: 0, high: 0.3, step: 0.01, video: false },
    { path: "dream.headroom", kind: "number", label: "Headroom", low: 0, high: 0.5, step: 0.05, more: true },
    { path: "dream.jitter", kind: "number", label: "Jitter", low: 0, high: 64, step: 1, more: true },
    { path: "dream.octave_scale", kind: "number", label: "Octave scale", low: 1.1, high: 2, step: 0.05, more: true },
    { path: "dream.objective", kind: "choice", label: "Objective", more: true },
    { path: "dream.schedule", kind: "choice", label: "Schedule", more: true },
  ] },
  { title: "Where it dreams", fields: [
    { path: "focus.calm", kind: "number", label: "Calm places", low: 0, high: 1, step: 0.05 },
    { path: "focus.by", kind: "choice", label: "Dream where" },
    { path: "focus.at", kind: "pair", label: "Spot", names: ["across", "down"], step: 0.05, standard: [0.5, 0.5], more: true },
    { path: "focus.radius", kind: "number", label: "Spot, size", low: 0.05, high: 2, step: 0.05, more: true },
    { path: "focus.rim", kind: "number", label: "Rim", low: 0, high: 4, step: 0.1, more: true },
  ] },
  { title: "Colors", fields: [
    { path: "color.palette", kind: "palette", label: "Colors of" },
    { path: "color.coherence", kind: "number", label: "Keep colors", low: 0, high: 1, step: 0.05 },
    { path: "dream.natural_color", kind: "number", label: "Natural color", low: 0, high: 1, step: 0.05 },
    { path: "color.texture", kind: "number", label: "Soften texture", low: 0, high: 1, step: 0.05 },
  ] },
  { title: "Camera", fields: [
    { path: "camera.zoom", kind: "number", label: "Zoom", low: 0.5, high: 3, step: 0.01 },
    { path: "camera.rotate", kind: "number", label: "Rotate", low: -90, high: 90, step: 1, unit: "°/s" },
    { path: "camera.yaw", kind: "number", label: "Turn right", low: -60, high: 60, step: 1, unit: "°/s", more: true },
    { path: "camera.pitch", kind: "number", label: "Turn up", low: -60, high: 60, step: 1, unit: "°/s", more: true },
    { path: "camera.symmetry", kind: "number", label: "Kaleidoscope", low: 1, high: 16, step: 1, more: true },
    { path: "camera.pan", kind: "pair", label: "Pan", names: ["right", "down"], step: 0.01 },
    { path: "camera.tilt", kind: "pair", label: "Look", names: ["up", "right"], step: 1, more: true },
    { path: "camera.fov", kind: "number", label: "Field of view", low: 20, high: 120, step: 1, unit: "°", more: true },
    { path: "camera.shake", kind: "pair", label: "Shake", names: ["shift", "turn"], step: 0.01, more: true },
    { path: "camera.border", kind: "choice", label: "Border", more: true },
  ] },
  { title: "Over the clip", video: true, fields: [
    { path: "carry.strength", kind: "number", label: "Carry", low: 0, high: 1, step: 0.01 },
    { path: "carry.steps", kind: "number", label: "Steps, carried", low: 0, high: 10, step: 1 },
    { path: "carry.cuts", kind: "choice", label: "At cuts" },
  ] },
  { title: "Sound", fields: [
    { path: "audio.file", kind: "sound", label: "Music" },
    { path: "bpm", kind: "text", label: "Beats a minute", hint: "none", numeric: true },
  ] },
];

const labels = new Map(SECTIONS.flatMap((section) => section.fields.map((field) => [field.path, field.label])));

/** What a setting is called on the page: ["dream", "step_size"] is "Strength". */
export const titleOf = (path) => labels.get(path.filter((part) => typeof part === "string").join(".")) ?? label(path);

export const SIZES = ["320x180", "480x270", "640x360", "960x540", "1280x720", "1920x1080", "720x720", "720x1280"];
export const SAMPLES = ["sample:clouds", "sample:hills", "sample:marble", "sample:reef", "noise"];
