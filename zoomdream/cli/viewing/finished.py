"""The commands about a film that is finished: contact, inspect.

Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoomdream.cli.echo import echo, echo_data, echo_json, visible
from zoomdream.cli.options import JsonOption
from zoomdream.cli.viewing.opening import OpenOption, show

if TYPE_CHECKING:
    from zoomdream.films.previews.film_facts import FilmFacts

app = typer.Typer()


@app.command()
def contact(
    film: Annotated[Path, typer.Argument(help="A film, or a folder of numbered pictures.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The picture: .png, .jpg or .webp.", show_default="FILM-contact.png"),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, max=400, help="How many pictures.", show_default="20, or all of fewer")
    ] = None,
    columns: Annotated[
        int | None, typer.Option(min=1, help="Pictures in a row.", show_default="as suits a screen")
    ] = None,
    cell: Annotated[int, typer.Option(min=16, max=2048, help="Longer side of a picture in pixels.")] = 256,
    overwrite: Annotated[bool, typer.Option("-y", "--overwrite", help="Replace the output if it exists.")] = False,
    shown: OpenOption = False,
) -> None:
    """Draw a contact sheet of a film: pictures from all along it, with their times."""
    from zoomdream.films.previews.contact import contact_sheet
    from zoomdream.images.files import check_picture_file, save_image
    from zoomdream.output_lock import output_lock

    picture = Path(f"{film.stem}-contact.png") if output is None else output
    check_picture_file(picture, overwrite=overwrite, inputs=[film])
    sheet = contact_sheet(film, count=count, columns=columns, cell=cell)
    with output_lock(picture):
        check_picture_file(picture, sheet.size, overwrite=overwrite, inputs=[film])  # another run may just have ended
        save_image(sheet.draw(), picture, overwrite=overwrite)
    width, height = sheet.size
    echo(f"{picture}: {width}x{height}, {len(sheet.frames)} pictures of {film}")
    if shown:
        show(picture)


@app.command()
def inspect(
    film: Annotated[Path, typer.Argument(help="A film that zoomdream has rendered.")], as_json: JsonOption = False
) -> None:
    """How a film was made: its recipe, network, versions and files, as its metadata says."""
    from zoomdream.films.previews.film_facts import film_facts

    facts = film_facts(film)
    if as_json:
        return echo_json(_as_json(facts))
    rows = [f"{key:12} {value}" for key, value in _in_words(facts) if value]
    echo_data(visible("\n".join(rows)))
    if facts.version is None and facts.recipe is None:
        echo(f"{film} does not say how it was made: another program has written it, or its metadata is lost")
    elif facts.recipe is not None:
        echo(f"zoomdream presets show {film} writes its recipe; zoomdream render {film} -o again.mp4 makes it again")
    return None


def _as_json(facts: FilmFacts) -> dict[str, Any]:
    clip = facts.clip
    return {
        "file": str(clip.path),
        "size": f"{clip.size[0]}x{clip.size[1]}",
        "fps": str(clip.fps),
        "frames": clip.frames,
        "seconds": round(float(clip.duration), 6),
        "zoomdream": facts.version,
        "network": facts.network,
        "made_of": facts.made_of or None,
        "compute": facts.compute,
        "encoder": facts.encoder,
        "recipe": facts.recipe,
    }


def _in_words(facts: FilmFacts) -> list[tuple[str, str]]:
    clip, recipe, compute = facts.clip, facts.recipe or {}, facts.compute or {}
    (width, height), seconds = clip.size, float(clip.duration)
    canvas = recipe.get("canvas") or {}
    threads = f"{compute['threads']} thread{'s' if compute['threads'] != 1 else ''}" if "threads" in compute else ""
    ran = ", ".join(filter(None, (str(compute.get("processor", "")), str(compute.get("precision", "")), threads)))
    versions = [f"torch {compute['torch']}" if "torch" in compute else "", f"zoomdream {facts.version or ''}".rstrip()]
    versions.append(f"OpenCV {compute['opencv']}" if "opencv" in compute else "")
    return [
        ("file", str(clip.path)),
        ("film", f"{width}x{height}, {clip.frames} frames at {float(clip.fps):.6g} per second, {seconds:.2f} s"),
        ("network", str(recipe.get("network", facts.network or ""))),
        ("objectives", facts.made_of.partition(" ")[2]),
        ("source", str(recipe.get("source", ""))),
        ("canvas", ", ".join(f"{key} {value}" for key, value in canvas.items()) if isinstance(canvas, dict) else ""),
        *(("file used", f"{name}, sha256 {digest[:12]}...") for name, digest in facts.files.items()),
        ("versions", ", ".join(filter(None, versions)) if facts.version else ""),
        ("computed on", ran),
        ("encoder", facts.encoder or ""),
    ]
