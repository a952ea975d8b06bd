"""The commands about networks: networks, layers, classes.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from zoomdream.cli.echo import echo, echo_data, echo_json, telling_downloads
from zoomdream.cli.options.shared_options import JsonOption
from zoomdream.errors import UsageError
from zoomdream.networks import EMBEDDED, NetworkInfo

app = typer.Typer()
group = typer.Typer(invoke_without_command=True)


@group.callback()
def networks(context: typer.Context, as_json: JsonOption = False) -> None:
    """The networks that can dream: whether their weights are here, their licence, and what they are good at."""
    from zoomdream.networks import network_infos

    if context.invoked_subcommand is not None:
        return None
    infos = network_infos()
    if as_json:
        return echo_json([_network_facts(info) for info in infos])
    return echo_data("\n".join(map(_network_line, infos)))


@group.command()
def fetch(
    network: Annotated[str, typer.Argument(help="A network's name; raft_large is the optical flow's.")],
) -> None:
    """Download a network's weights now, so that nothing has to be downloaded later, and check their sha256."""
    from zoomdream.motion.optical_flow.raft import RAFT
    from zoomdream.networks import network_info
    from zoomdream.networks.registry import weights_folder
    from zoomdream.networks.weights import cached_weights, packaged_weights

    info = RAFT if network == RAFT.name else network_info(network)
    if info.package is not None:
        path = packaged_weights(info)
    else:
        if not info.present:
            echo(f"{info.name}: {info.megabytes} MB, from {info.url} to {weights_folder()}")
        with telling_downloads(offline=False):
            path = cached_weights(info)
    digits = len(info.sha256)
    extent = (
        "the whole sha256" if digits == 64 else f"the first {digits} digits of the sha256, which are all that is known"
    )
    echo(f"{info.name}: here, and intact by {extent}")
    echo_data(str(path))


def _network_line(info: NetworkInfo) -> str:
    notes = "; ".join(filter(None, (info.look, "no classes" if info.features_only else "")))
    line = f"{info.name:20} {info.megabytes:8.1f} MB  {_weights_place(info):21}  {info.licence:12}  {notes}"
    return line.rstrip()


def _network_facts(info: NetworkInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "weights": info.file,
        "megabytes": info.megabytes,
        "embedded": info.embedded,
        "present": info.present,
        "package": info.package.requirement if info.package else None,
        "install": info.install,
        "licence": info.licence,
        "classes": not info.features_only,
        "look": info.look or None,
    }


def _weights_place(info: NetworkInfo) -> str:
    if info.embedded:
        return "in the box"
    if info.present:
        return "here"
    return info.install or "download on first use"


@app.command()
def layers(
    network: Annotated[str, typer.Argument(help="A network's name.")] = EMBEDDED, as_json: JsonOption = False
) -> None:
    """A network's layers, shallow to deep, and what each means for a film. Needs no weights.

    channels: how many features it tells apart.

    stride: the distance between two places where it looks, in pixels.

    sees: the side of the square that it looks at, in pixels.

    cost: the arithmetic of a step up to it; squeezenet1_1's fire8 is 1.
    """
    from zoomdream.networks import describe_layers

    known = describe_layers(network)
    if as_json:
        return echo_json([asdict(layer) for layer in known])
    echo_data(f"  {'layer':28} {'channels':>8} {'stride':>6} {'sees':>5} {'cost':>6}  also called")
    for layer in known:
        others = ", ".join(name for name in (layer.name, *layer.aliases) if name != layer.label)
        sees = "all" if layer.receptive_field is None else layer.receptive_field
        numbers = f"{layer.channels:8} {layer.stride:6} {sees:>5} {layer.cost:6.2f}"
        echo_data(f"{'*' if layer.outline else ' '} {layer.label:28} {numbers}  {others}".rstrip())
    return echo("* the network in outline: what a sheet or a sweep of all layers shows")


@app.command()
def classes(
    network: Annotated[str, typer.Argument(help="A network's name.")] = EMBEDDED,
    find: Annotated[str, typer.Option(help="Only those with this in their names.", show_default="all")] = "",
    families: Annotated[
        bool, typer.Option("--families", help="Families of classes, which a walk may go through.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """The classes that a network can tell apart, for class:castle or class:483. Needs no weights."""
    from zoomdream.networks import class_names, network_info
    from zoomdream.networks.registry import no_classes

    if network_info(network).features_only:  # all others have ImageNet's classes
        raise UsageError(no_classes(network))
    if families:
        return _show_families(find, as_json=as_json)
    matches = {index: name for index, name in enumerate(class_names()) if find.lower() in name.lower()}
    if as_json:
        return echo_json(matches)
    if not matches:
        return echo(f"no class of {network} has {find!r} in its name")
    return echo_data("\n".join(f"{index:4}  {name}" for index, name in matches.items()))


def _show_families(find: str, *, as_json: bool) -> None:
    """Families of classes and what belongs to them: all, or those with this in their own or their classes' names."""
    from zoomdream.networks import class_names
    from zoomdream.networks.features.class_families import class_families

    families = {name: [class_names()[index] for index in indices] for name, indices in class_families().items()}
    matches = {
        name: members
        for name, members in families.items()
        if any(find.lower() in each.lower() for each in (name, *members))
    }
    if as_json:
        return echo_json(matches)
    if not matches:
        return echo(f"no family of classes has {find!r} in its name or its classes' names")
    return echo_data("\n".join(f"{name:18}  {', '.join(members)}" for name, members in matches.items()))
