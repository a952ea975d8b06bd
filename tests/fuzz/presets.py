"""Presets by chance: made from the settings' own types and ranges, most of them right, and then damaged in places.

Everything is drawn from a `random.Random`: 20,000 presets take minutes, where hypothesis' own strategies take an hour.
Hypothesis gives the seeds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from tests.support.expression_texts import HOSTILE, expression_text
from zoomdream.schedule.easing import EASES
from zoomdream.schedule.timeline import SECTIONS as ALL_SECTIONS
from zoomdream.settings import OutputSettings, Pair, Settings

SECTIONS = {name: section for name, section in ALL_SECTIONS.items() if name != "palette"}  # color.palette's, computed
LAYERS = ("conv1", "fire2", "fire3", "fire5", "fire8", "fire9.squeeze", "classifier")
WHOLE_FILM = ("objective", "schedule", "flow", "cuts", "mirror", "border", "by")  # settings that are no tracks
ODD_TEXTS = (
    *(
        "",
        " ",
        "~",
        "~nosuch/x",
        "null",
        "yes",
        "0x10",
        "1_000",
        "1e5",
        "-0",
        "+1",
        ".",
        "..",
        "/",
        "a" * 300,
        "9" * 5000,
    ),
    *(
        "1e999999999",
        "1/0",
        "nan",
        ".inf",
        "-.inf",
        "\u202e",
        "\u00a0",
        "\ufeff",
        "²",
        "٣",
        "\x7f",
        "\U0001f600",
        "\x1b[2J",
    ),
    *(
        "fire8:",
        ":",
        "::",
        "fire8:1:0",
        "fire8:0:999999",
        "fire8@1/2",
        "fire8:1@nan/0",
        "class:",
        "class:" + "9" * 5000,
    ),
    *(
        "guide:fire6:",
        "direction:fire8:1*",
        "direction:fire8:1*inf",
        "fire8 in ",
        "fire8 in x.png",
        "sample:nosuch",
        "{}",
    ),
    *(
        "1:99",
        "1:2:3:4",
        "12",
        "-3s",
        "1.5f",
        "100%",
        "1e3s",
        "end ",
        "9999999999s",
        "0ms",
        "640x",
        "x",
        "0x0",
        "16x99999",
    ),
    *HOSTILE,
    *("0:(1), 60:(", "0:(1/0)", "max_f:(t", "4b", "2bars", "cubic-bezier(0.4", "steps(0)", "easeInOutSine"),
    *("24000/1001", "!!python/object", "&a", "*a", "%", "`", "@", "\t", "\r\n", "a: b", "- x", "'", '"', "\\", "$(id)"),
)
ODD_NUMBERS = (0, -1, 1, 2, 1e-320, 1e308, -1e308, 2**31, 2**63, 2**63 - 1, -(2**63), 10**30, 0.1, -0.0, 1.5, 99, True)
ODD_VALUES: tuple[Any, ...] = (
    {"expr": "1 +"},
    {"expr": 1},
    {"follow": "x"},
    {"deforum": "0:(1", "expr": "next"},
    None,
    [],
    {},
    [[]],
    [{}],
    {"at": "0s"},
    {"": 1},
    {"0s": None},
    [1, 2, 3],
    [None],
    False,
)


def preset(rng: Random) -> dict[str, Any]:
    """A preset in which every key is allowed and every value in its range."""
    data: dict[str, Any] = {"zoomdream": 1, "source": rng.choice(["noise", "a photo.jpg", "sample:clouds", "clip.mp4"])}
    if rng.random() < 0.6:
        data["canvas"] = canvas(rng)
    for key, make in (("seed", lambda: rng.randrange(2**63)), ("network", lambda: rng.choice(["squeezenet1_1", "x"]))):
        if rng.random() < 0.3:
            data[key] = make()
    if rng.random() < 0.2:
        data["loop"] = rng.choice([True, False, {"fade": "2s"}, {"run_in": "50%", "fade": "10f"}])
    for name, settings in SECTIONS.items():
        section = tracks(rng, settings)
        if name == "dream":
            section["layers"] = layers(rng)
        if section:
            data[name] = section
    if rng.random() < 0.3:
        data["output"] = {name: value(rng, field) for name, field in some(rng, OutputSettings.model_fields)}
    return data


def damaged(rng: Random, data: Any) -> Any:
    """The same with one part changed, dropped, doubled or put elsewhere."""
    if isinstance(data, dict) and data and rng.random() < 0.85:
        key = rng.choice(list(data))
        changed = {**data, key: damaged(rng, data[key])}
        match rng.randrange(12):
            case 0:
                del changed[key]
            case 1:
                changed[rng.choice([str(key)[:-1], str(key) + "x", str(key).upper(), rng.choice(ODD_TEXTS), "at"])] = (
                    data[key]
                )
            case 2:
                changed[rng.choice(list(data))] = data[key]
        return changed
    if isinstance(data, list) and data and rng.random() < 0.8:
        position = rng.randrange(len(data))
        tail = data[position:] if rng.random() < 0.2 else data[position + 1 :]
        return [*data[:position], damaged(rng, data[position]), *tail]
    pool: tuple[Any, ...] = rng.choice([ODD_TEXTS, ODD_NUMBERS, ODD_VALUES])
    return rng.choice(pool)


def preset_text(rng: Random) -> str:
    """A preset as text: right, damaged in its values, or damaged in its characters."""
    data = preset(rng)
    for _ in range(rng.choice([0, 0, 0, 0, 1, 1, 2, 3])):
        data = damaged(rng, data)
    text = json.dumps(data, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, 1]))
    return with_flips(rng, text) if rng.random() < 0.1 else text


def with_flips(rng: Random, text: str) -> str:
    """Text with one to three characters replaced, doubled or dropped."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text) + 1)
        text = (
            text[:at]
            + rng.choice(["", ":", "{", "}", "\n", "\x00", "&", "*", "!", rng.choice(ODD_TEXTS)])
            + text[at + 1 :]
        )
    return text


def canvas(rng: Random) -> dict[str, Any]:
    """A frame, a rate and a length."""
    parts: Mapping[str, Callable[[], Any]] = {
        "size": lambda: f"{rng.randint(16, 16384)}x{rng.randint(16, 16384)}",
        "fps": lambda: rng.choice([30, 24, 25, 23.976, "24000/1001", 0.1, 1000, round(rng.uniform(1, 120), 3)]),
        "duration": lambda: rng.choice(["1s", "2.5s", "360f", "1:30", "0:01:02.5", "100ms"]),
        "fit": lambda: rng.choice(["fill", "fit"]),
        "start": lambda: rng.choice(["0s", 0, "2s"]),
        "times": lambda: rng.choice(["film", "clip"]),
        "background": lambda: rng.choice(["black", "white", "#336699", "#abc", "rgb(1, 2, 3)"]),
        "deinterlace": lambda: rng.choice(["auto", "off"]),
    }
    return {name: make() for name, make in some(rng, parts)}


def tracks(rng: Random, settings: type[Settings]) -> dict[str, Any]:
    """Some of a section's settings, each as a value, as values by time or as keyframes."""
    return {
        name: value(rng, field) if name in WHOLE_FILM else over_time(rng, partial(value, rng, field))
        for name, field in some(rng, settings.model_fields)
    }


def over_time(rng: Random, make: Callable[[], Any], key: str = "value") -> Any:
    """One of the forms of what may change over time."""
    form = rng.randrange(6)
    if form <= 1:
        return make()
    if form == 4 and key == "value" and not isinstance(make(), list):
        return computed(rng, make())
    times = rng.sample(["0s", 0, "250ms", "0:00.5", "10f", "33%", "end"], rng.randint(1, 3))
    if form == 2:
        return {time: make() for time in times}
    if form == 5:
        return {"keyframes": {"0s": make(), "250ms": make()}, "loop": rng.choice(["cycle", "pingpong"])}
    return [
        {"at": time, key: make(), **({"ease": rng.choice(list(EASES))} if rng.random() < 0.6 else {})} for time in times
    ]


def computed(rng: Random, number: float) -> Any:
    """A number at every frame that is always in its range, as an expression, a followed sound or a Deforum string."""
    forms = [
        {"deforum": f"0:({number}), 9:({number}+t)", "expr": f"clamp(next + value, {number}, {number})"},
        {"expr": f"{number}"},
        {"expr": f"clamp({expression_text(rng)}, {number}, {number})"},
        {"follow": rng.choice(["bass", "on_beat"]), "from": number, "to": number, "attack": "20ms"},
        {"0s": number, "50%": {"expr": f"{number} + 0 * sin(time)"}},
        f"0:({number}), 9:({number}), max_f:({number}+0*t)",
    ]
    return rng.choice(forms)


def value(rng: Random, field: FieldInfo) -> Any:
    """A value of a setting, often at its limits."""
    kind = field.annotation
    choices = next((each for each in (kind, *get_args(kind)) if get_origin(each) is Literal), None)
    if choices is not None:
        return rng.choice(get_args(choices))
    if kind is bool:
        return rng.random() < 0.5
    if kind == Pair:
        return [number(rng, -2, 2), number(rng, -2, 2)]
    if kind is str:
        return rng.choice(["source", "none", "song.mp3"])
    bounds = {
        name: getattr(bound, name) for bound in field.metadata for name in ("ge", "gt", "le") if hasattr(bound, name)
    }
    low, high = bounds.get("ge", bounds.get("gt", 0) + 1e-9), bounds.get("le", 100)
    if kind is not float:
        return rng.choice([low, high, rng.randint(low, high)])
    return number(rng, low, high)


def number(rng: Random, low: float, high: float) -> float:
    """A number of a range, often at its limits."""
    return rng.choice([low, high, rng.uniform(low, high), min(high, max(low, round(rng.uniform(low, high), 1)))])


def layers(rng: Random) -> Any:
    """What is dreamed, in one of its forms."""
    if rng.random() < 0.15:
        fade = {"fade": "250ms"} if rng.random() < 0.5 else {}
        if rng.random() < 0.3:
            walk = rng.choice(({"channels": "fire8"}, {"classes": ["birds", "*terrier*", 3]}))
            return {"wander": {**walk, "distance": rng.choice(("near", "far"))}, "hold": "1s", **fade}
        return {"sweep": rng.choices(LAYERS, k=3), "hold": "1s", **fade}
    return over_time(rng, lambda: mix(rng), "mix")


def mix(rng: Random) -> Any:
    """Objectives with their weights: short forms, or mappings."""
    if rng.random() < 0.6:
        return {short_form(rng): round(rng.uniform(-2, 2), 2) for _ in range(rng.randint(1, 3))}
    return [objective(rng)] if rng.random() < 0.7 else [short_form(rng)]


def short_form(rng: Random) -> str:
    """An objective's short form."""
    layer, channel = rng.choice(LAYERS), rng.randrange(512)
    place = f"{rng.random():.2f}/{rng.random():.2f}"
    forms = [layer, f"l2:{layer}", f"mean:{layer}", f"{layer}:{channel}", f"{layer}:0:8", f"{layer}:3+17"]
    forms += [f"{layer}:{channel}@center", f"{layer}:{channel}@{place}", "class:espresso", f"class:{channel}"]
    forms += [f"guide:{layer}:flowers.jpg", f"cosine:{layer}:sample:hills"]
    forms += [f"direction:{layer}:{channel}+31*-0.5", f"direction:{layer}:v.npy"]
    body = rng.choice(forms)
    return body + (" in mask.png" if rng.random() < 0.1 else "")


def objective(rng: Random) -> dict[str, Any]:
    """An objective as a mapping."""
    layer = {"layer": rng.choice(LAYERS)}
    channel = {"channel": rng.randrange(512)}
    kinds: list[dict[str, Any]] = [
        {**layer, "score": "mean"},
        {**layer, **channel, "relu": "after"},
        {**layer, "channels": rng.choice([[1, 2], "0:8", 5])},
        {**layer, **channel, "x": 0.5, "y": rng.random()},
        {"class": rng.choice(["espresso", 967])},
        {"guide": "flowers.jpg", **layer, "match": "cosine"},
        {"direction": {"17": 1, "31": -0.5}, **layer},
    ]
    return {**rng.choice(kinds), **({"weight": rng.uniform(-3, 3)} if rng.random() < 0.5 else {})}


def assignment(rng: Random) -> str:
    """What is written behind --set: an assignment, right or damaged."""
    section, settings = rng.choice(list(SECTIONS.items()))
    name, field = rng.choice(list(settings.model_fields.items()))
    written = json.dumps(damaged(rng, 1) if rng.random() < 0.5 else over_time(rng, lambda: value(rng, field)))
    key = rng.choice(
        [f"{section}.{name}"] * 5 + ["dream.layers.0.mix", "canvas.size", "dream.layers." + "9" * 5000, "..", ""]
    )
    text = f"{key}={written}"
    return with_flips(rng, text) if rng.random() < 0.2 else text


def some(rng: Random, parts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """A third of the entries, in their order."""
    return [(name, part) for name, part in parts.items() if rng.random() < 0.33]
