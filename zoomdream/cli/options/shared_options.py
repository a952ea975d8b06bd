"""Options that several commands share, and options that are made from settings.

A command takes a group of options as one frozen value, such as `run: RunOptions`, or as settings, such as
`settings: Annotated[DreamSettings, FromSettings()]`. `@command(app)` gives typer one option for each of its fields.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol, get_args, get_type_hints

import typer
from typer.core import TyperCommand

from zoomdream.cli.options.parsing import memory_limit, thread_count
from zoomdream.cli.progress.progress_bar import Kind
from zoomdream.errors import SettingError, UsageError
from zoomdream.networks import EMBEDDED
from zoomdream.runtime import Device, Precision

if TYPE_CHECKING:
    from zoomdream.settings import Settings

Function = Callable[..., None]

DeviceOption = Annotated[Device, typer.Option(help="Where the network runs.")]
AllowTruncatedOption = Annotated[
    bool, typer.Option("--allow-truncated", help="Take what there is of a video that is cut short or damaged.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]
LayersOption = Annotated[
    str | None, typer.Option(help="Which layers, such as fire2,fire5,fire8.", show_default="a dozen, shallow to deep")
]
BackgroundOption = Annotated[
    str | None,
    typer.Option(help="What is seen where the photo is transparent: white, '#102030'.", show_default="black"),
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Download nothing, such as a network's weights.")]
PictureOption = Annotated[Path, typer.Option("-o", "--output", help="The picture: .png, .jpg or .webp.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Another seed, another dream.")]
WeightsOption = Annotated[
    Path | None, typer.Option(help="A file with the network's weights.", show_default="the published ones")
]
SizeOption = Annotated[
    str | None, typer.Option(help="Width and height in pixels, such as 640x360.", show_default="the photo's own")
]


MOST_JOBS = 1024
"""More are a typing error."""

JobsOption = Annotated[
    int | None,
    typer.Option(
        "-j",
        "--jobs",
        min=1,
        max=MOST_JOBS,
        metavar="<n>",
        help="How many workers render at one time.",
        show_default="one a core, or one a GPU",
    ),
]


OnOption = Annotated[
    str | None,
    typer.Option("--on", metavar="ray|ray://HOST:PORT", help="Render on a Ray cluster.", show_default="this machine"),
]


@dataclass(frozen=True)
class NetworkOptions:
    """Which network dreams, or which, with which weights."""

    network: Annotated[
        str, typer.Option(help="Which network dreams, or several: A,B; zoomdream networks lists them.")
    ] = EMBEDDED
    weights: WeightsOption = None

    @property
    def names(self) -> list[str]:
        """The networks' names."""
        return [name.strip() for name in self.network.split(",")]


@dataclass(frozen=True)
class ComputeOptions:
    """Where and how the network runs; `max_memory` in bytes; `threads` None: as an earlier run had it, or automatic."""

    device: DeviceOption = "auto"
    precision: Annotated[Precision, typer.Option(help="The network's numbers; auto: the hardware's fastest.")] = "auto"
    max_memory: Annotated[
        int | None,
        typer.Option(
            parser=memory_limit,
            metavar="<size>",
            help="Most memory to take, such as 6GB; larger frames are cut into tiles.",
            show_default="half of what is free",
        ),
    ] = None
    threads: Annotated[
        int | None,
        typer.Option(
            parser=thread_count,
            metavar="<n>|auto",
            help="How many threads compute; auto: one a core. Some networks give another film with another number.",
            show_default="auto",
        ),
    ] = None
    offline: OfflineOption = False


@dataclass(frozen=True)
class RunOptions:
    """How a job writes its file and shows its progress."""

    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the output if it exists.")] = False
    progress: Annotated[Kind, typer.Option(help="How progress is shown, on stderr.")] = "auto"


@dataclass(frozen=True)
class JournalFlags:
    """What becomes of the frames that are finished, now and in an earlier run."""

    resume: Annotated[
        bool | None,
        typer.Option(
            "--resume/--fresh",
            help="Go on after the frames of an earlier run that are this film's and drop the rest, or drop all.",
            show_default="go on if all are this film's",
        ),
    ] = None
    keep_frames: Annotated[
        bool, typer.Option("--keep-frames", help="Leave OUTPUT.journal when the film is finished.")
    ] = False
    no_journal: Annotated[
        bool, typer.Option("--no-journal", help="Keep no finished frames while the film is rendered, and use none.")
    ] = False


@dataclass(frozen=True)
class FromSettings:
    """Marks a parameter whose options are made from a class of settings: one for each of `names`, or for every field.

    `defaults` are the command's own, over those of the class.
    """

    names: tuple[str, ...] = ()
    defaults: Mapping[str, object] = field(default_factory=dict)


class _Group(Protocol):
    """A parameter of a command that stands for several options."""

    options: list[inspect.Parameter]

    def value(self, values: Mapping[str, Any]) -> object:
        """The parameter's value from those of the options."""


class _DataclassGroup:
    """The options of a dataclass whose fields are annotated for typer, or are such groups themselves."""

    def __init__(self, kind: type) -> None:
        from zoomdream import settings

        hints = get_type_hints(kind, localns=dict(vars(settings)), include_extras=True)
        self._kind = kind
        self._groups = {name: group for name, hint in hints.items() if (group := _group(hint)) is not None}
        self._own = {each.name: _option(each.name, hints[each.name], each.default) for each in fields(kind)}
        self.options = [
            option
            for name, own in self._own.items()
            for option in (self._groups[name].options if name in self._groups else [own])
        ]

    def value(self, values: Mapping[str, Any]) -> object:
        return self._kind(
            **{
                name: self._groups[name].value(_those_of(self._groups[name], values))
                if name in self._groups
                else values[name]
                for name in self._own
            }
        )


class _SettingsGroup:
    """The options of a class of settings: help, bounds, choices and defaults are those of its fields."""

    def __init__(self, kind: type[Settings], marker: FromSettings) -> None:
        known = kind.model_fields
        self._kind = kind
        self.options = [
            _option(name, _setting_annotation(known[name]), marker.defaults.get(name, known[name].default))
            for name in marker.names or known
        ]

    def value(self, values: Mapping[str, Any]) -> object:
        try:
            return self._kind(**values)
        except SettingError as error:  # `octave_scale is 8.0: it must ...` -> `--octave-scale 8.0: it must ...`
            name, _, reason = str(error).partition(" is ")
            raise UsageError(f"--{name.replace('_', '-')} {reason}") from error


def _setting_annotation(setting: Any) -> object:
    """A field of a pydantic model as typer reads it. typer has no exclusive bounds: such a range is in the metavar."""
    bounds = {
        limit: getattr(bound, limit)
        for bound in setting.metadata
        for limit in ("ge", "gt", "le")
        if hasattr(bound, limit)
    }
    help_text = setting.description + "."
    if "gt" in bounds:
        metavar = f"<{setting.annotation.__name__} range> [{bounds['gt']}<x<={bounds['le']}]"
        return Annotated[setting.annotation, typer.Option(help=help_text, metavar=metavar)]
    option = typer.Option(help=help_text, min=bounds.get("ge"), max=bounds.get("le"))
    return Annotated[setting.annotation, option]


def _option(name: str, annotation: object, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _group(annotation: Any) -> _Group | None:
    marker = next((each for each in get_args(annotation)[1:] if isinstance(each, FromSettings)), None)
    if marker is not None:
        return _SettingsGroup(get_args(annotation)[0], marker)
    return _DataclassGroup(annotation) if is_dataclass(annotation) and isinstance(annotation, type) else None


def _those_of(group: _Group, values: Mapping[str, Any]) -> dict[str, Any]:
    return {option.name: values[option.name] for option in group.options}


def expand_options(function: Function) -> Function:
    """The same command with a plain option for each field of its groups, as typer reads them from a signature.

    Annotations may name anything in `zoomdream.settings`, and what stills have of them, which the command's module need
    not import.
    """
    from zoomdream import settings
    from zoomdream.settings import dreaming

    names = {**vars(dreaming), **vars(settings), **function.__globals__}
    parameters = inspect.signature(function, eval_str=True, globals=names).parameters
    groups = {name: group for name, each in parameters.items() if (group := _group(each.annotation)) is not None}

    def expanded(**values: Any) -> None:
        arguments = {name: values[name] for name in parameters if name not in groups}
        for name, group in groups.items():
            arguments[name] = group.value(_those_of(group, values))
        function(**arguments)

    options = [
        option
        for name, each in parameters.items()
        for option in (groups[name].options if name in groups else [_option(name, each.annotation, each.default)])
    ]
    expanded.__name__, expanded.__doc__ = function.__name__, function.__doc__
    expanded.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    expanded.__annotations__ = {option.name: option.annotation for option in options}
    return expanded


class DeferredCommand(TyperCommand):
    """A command whose options are made when it is called. The list of all commands needs its name and help alone."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Make the options and parse `args`."""
        app = typer.Typer(add_completion=False)
        app.command(self.name)(expand_options(self.callback.function))  # type: ignore[union-attr]
        return typer.main.get_command(app).make_context(info_name, args, parent, **extra)


def command(app: typer.Typer) -> Callable[[Function], Function]:
    """Like `@app.command()`, for a command that takes groups of options."""

    def register(function: Function) -> Function:
        def late() -> None:
            """Stand for the command until it is called."""

        late.__name__, late.__doc__ = function.__name__, function.__doc__
        late.function = function  # type: ignore[attr-defined]
        app.command(cls=DeferredCommand)(late)
        return function

    return register
