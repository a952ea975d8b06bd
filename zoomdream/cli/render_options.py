"""What the commands take that make a film of a preset."""

from __future__ import annotations

from dataclasses import dataclass

from zoomdream.cli.film_request import FilmRequest
from zoomdream.cli.options import AllowTruncatedOption, ComputeOptions, JournalFlags, RunOptions
from zoomdream.cli.preset_options import PresetOptions, film_name


@dataclass(frozen=True, kw_only=True)
class RenderOptions:
    """How a film is rendered: what changes in its preset, with what it is computed, what becomes of its frames."""

    options: PresetOptions
    compute: ComputeOptions
    allow_truncated: AllowTruncatedOption = False
    journal: JournalFlags
    run: RunOptions

    def request(self, preset: str, output: str | None, *, draft: bool = False) -> FilmRequest:
        """The film of a preset, or its draft. Raises PresetError, SourceError."""
        options = self.options
        return FilmRequest(
            options.load(preset, draft=draft),
            film_name(preset, output, draft=draft),
            self.compute,
            self.journal,
            self.run,
            options.span,
            self.allow_truncated,
            options.stored_source,
        )
