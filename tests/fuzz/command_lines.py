"""Command lines by chance: each command with right options that make it quick, some of them odd, missing or doubled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np

from tests.fuzz.presets import ODD_TEXTS
from tests.fuzz.specimens import PRESET
from tests.support.clips import FAST, noise, write_film
from tests.support.picture_inputs import gradient

FILES = ("photo.png", "clip.mp4", "film.yaml", "damaged.png", "damaged.mp4", "empty", "folder", "nosuch.png", "v.npy")
OUTPUTS = ("out.png", "out.mp4", "out.jpg", "out.webp", "nosuch/out.png", "folder", "folder/", "photo.png", "out.xyz")
ODD_OUTPUTS = ("", ".", "..", "/", "/dev/null", "a" * 300 + ".png", "\udcff.png", "con:.png", "-x.png")
NETWORKS = ("squeezenet1_1", "vgg19", "resnet50", "nosuch", "SqueezeNet")
LAYERS = ("fire8", "fire2,fire5", "fire8=1,fire5:17=0.3", "nosuch", "fire2,,fire3", "classifier", "fire8:99999")
COMPUTE = {
    "--device": ("cpu", "auto", "cuda", "mps", "tpu"),
    "--precision": ("float32", "bfloat16", "auto", "float16"),
    "--max-memory": ("1GB", "4GiB", "1MB", "0", "-1GB", "1e3GB"),
    "--threads": ("1", "auto", "0", "-1", "1025", "two"),
    "--seed": ("0", "7", "-1", str(2**63), str(2**64), "1.5"),
    "--weights": FILES,
    "--network": NETWORKS,
    "--progress": ("none", "plain", "nosuch"),
}
SIZES = ("24x16", "32x32", "0x0", "16x", "x", "15x16", "99999x16", "16384x99999", "-1x-1", "24X16", "24x16x3")
FILM = {
    "--set": ("dream.steps=1", "camera.zoom=2", "x=1", "dream.layers={fire8: 1}", "canvas.fit=fit", "dream.steps"),
    "--size": SIZES,
    "--fps": ("10", "24000/1001", "0", "-1", "1e9", "1/0", "nan"),
    "--background": ("white", "#102030", "nosuch", "#12", "255,0,0"),
    "--duration": ("1s", "0s", "-1s", "99999999s", "10f", "50%"),
}


@dataclass(frozen=True)
class Form:
    """What a command takes."""

    arguments: Mapping[str, tuple[str, ...]]
    """By what they are, each with values of which the first is right."""
    quick: Mapping[str, str] = field(default_factory=dict)
    """Options that are always given, for the command to be quick; one of them may be odd or missing."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    always: tuple[str, ...] = ()


_NUMBERS = ("0", "1", "2", "-1", "1.5", "nan", "inf", "1e400", "")
FORMS: Mapping[tuple[str, ...], Form] = {
    ("render",): Form(
        {"preset": ("film.yaml", "quickstart", *FILES)},
        {"-o": "out.mp4", "--progress": "none"},
        {
            **COMPUTE,
            **FILM,
            "--input": (*FILES, "sample:clouds", "noise", "folder/%03d.png", "."),
            "--start": ("0s", "1s", "-1s", "99s", "end"),
            "--deinterlace": ("auto", "off", "on"),
            "--audio": ("source", "none", *FILES),
            "--audio-track": ("1", "2", "0", "99", "-1"),
            "--frames": ("0:5", "0:0", "5:1", "0:99999999", ":", "-1:2", "1:"),
        },
        ("--allow-truncated", "--resume", "--fresh", "--keep-frames", "--no-journal", "-y", "--offline"),
        ("--dry-run",),
    ),
    ("sweep",): Form(
        {"photo": ("photo.png", *FILES)},
        {"-o": "out.mp4", "--size": "24x16"},
        {**COMPUTE, **FILM, "--layers": LAYERS, "--hold": ("1s", "0s", "-1s", "x"), "--fade": ("1s", "9s", "-1s"),
         "--zoom": ("1", "0", "-1", "nan", "1e99")},
        ("--resume", "--fresh", "--no-journal", "-y", "--offline"),
        ("--dry-run",),
    ),
    ("dream",): Form(
        {"image": ("photo.png", *FILES)},
        {"-o": "out.png", "--size": "24x16", "--steps": "1", "--octaves": "1"},
        {**COMPUTE, "--layers": LAYERS, "--octave-scale": _NUMBERS, "--step-size": _NUMBERS, "--jitter": _NUMBERS,
         "--natural-color": _NUMBERS, "--smoothing": _NUMBERS, "--laplacian": _NUMBERS, "--octave-blur": _NUMBERS,
         "--octave-blend": _NUMBERS, "--coherence": _NUMBERS, "--stages": _NUMBERS, "--objective": ("l2", "mean", "x")},
        ("-y", "--offline", "--quality"),
    ),
    ("saliency",): Form(
        {"image": ("photo.png", *FILES)},
        {"-o": "out.png", "--size": "24x16", "--layer": "fire8"},
        {"--samples": _NUMBERS, **{key: COMPUTE[key] for key in ("--device", "--network", "--weights", "--progress")}},
        ("-y",),
    ),
    ("visualize",): Form(
        {"objective": ("fire8:17", "class:espresso", "class:99999", "direction:fire8:v.npy", "fire8:17 in photo.png")},
        {"-o": "out.png", "--size": "24", "--steps": "1"},
        {**COMPUTE, "--columns": _NUMBERS},
        ("-y", "--offline", "--quality"),
    ),
    ("sheet",): Form(
        {"network": NETWORKS},
        {"-o": "out.png", "--cell": "24", "--steps": "1", "--layer": "fire8", "--channels": "0:2"},
        {**{name: values for name, values in COMPUTE.items() if name != "--network"}, "--image": FILES,
         "--layers": LAYERS, "--columns": _NUMBERS, "--channels": ("0:2", "5", "3,17", "0:99999", "-1", "2:1", ",")},
        ("-y", "--offline"),
    ),
    ("probe",): Form({"clip": ("clip.mp4", *FILES, "folder/%03d.png", "/dev/zero")}, flags=("--json",)),
    ("shots",): Form({"clip": ("clip.mp4", *FILES)}, flags=("--json", "--allow-truncated")),
    ("stability",): Form(
        {"output": ("clip.mp4", *FILES)},
        {"--source": "clip.mp4"},
        {"--source": FILES, "--start": ("0", "1", "99", "-1", "9" * 30), "--plot": OUTPUTS,
         "--flow": ("fast", "farneback", "auto", "nosuch"), "--device": COMPUTE["--device"]},
        ("--json", "-y", "--offline", "--allow-truncated"),
    ),
    ("presets", "show"): Form({"preset": ("film.yaml", "quickstart", *FILES)}),
    ("presets", "check"): Form({"preset": ("film.yaml", "quickstart", *FILES)}),
    ("presets", "list"): Form({}, flags=("--json",)),
    ("jobs",): Form({"folder": ("folder", *FILES)}, flags=("--json",)),
    ("layers",): Form({"network": NETWORKS}, flags=("--json",)),
    ("classes",): Form({"network": NETWORKS}, options={"--find": ("cat", "nosuch", "[", "(")}, flags=("--json",)),
}  # fmt: skip


def command_line(rng: Random) -> list[str]:
    """A command with its arguments and options."""
    command, form = rng.choice(list(FORMS.items()))
    given = [one for values in form.arguments.values() for one in _argument(rng, values)]
    quick = dict(form.quick)
    if quick and rng.random() < 0.4:
        name = rng.choice(list(quick))
        if name in ("-o", "--source"):
            quick[name] = rng.choice((*OUTPUTS, *ODD_OUTPUTS))
        else:
            quick[name] = _odd(rng)
    parts = [[name, value] for name, value in quick.items()]
    for name, values in rng.sample(list(form.options.items()), min(len(form.options), rng.randint(0, 3))):
        parts.append([name, rng.choice(values) if rng.random() < 0.75 else _odd(rng)])
    parts += [[flag] for flag in form.flags if rng.random() < 0.25]
    if rng.random() < 0.05:
        parts.append(["--nosuch"])
    rng.shuffle(parts)
    return [*command, *given, *form.always, *[part for option in parts for part in option]]


def _argument(rng: Random, values: tuple[str, ...]) -> list[str]:
    if rng.random() < 0.6:
        return [values[0]]
    return [rng.choice(values)] if rng.random() < 0.8 else rng.choice([[], [_odd(rng)], [values[0], values[0]]])


def _odd(rng: Random) -> str:
    """An odd text, but no number that is right and makes a command slow."""
    text = rng.choice(ODD_TEXTS)
    return "x" if text in ("1_000", "1e5") else text


def write_inputs(folder: Path) -> None:
    """The files that command lines name."""
    gradient((32, 24)).save(folder / "photo.png")
    write_film(folder / "clip.mp4", noise(4, (32, 32)), output=FAST)
    (folder / "film.yaml").write_text(PRESET.replace("sample:clouds", "photo.png"))
    for name in ("photo.png", "clip.mp4"):
        content = (folder / name).read_bytes()
        (folder / f"damaged{Path(name).suffix}").write_bytes(content[: len(content) // 2])
    (folder / "empty").touch()
    (folder / "folder").mkdir()
    gradient((32, 24)).save(folder / "folder" / "000.png")
    gradient((32, 24)).rotate(90).save(folder / "folder" / "001.png")
    np.save(folder / "v.npy", np.linspace(-1, 1, 512))
