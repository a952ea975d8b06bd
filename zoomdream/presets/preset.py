"""A preset: one YAML file that describes a film, read, checked and ready to become a timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from zoomdream.errors import MissingSourceError, PresetError, SettingError, SourceError, UnknownNameError
from zoomdream.objectives.specs.regions import Region, no_motion
from zoomdream.presets.canvas import Canvas
from zoomdream.presets.documents.characters import visible_text
from zoomdream.presets.documents.home import NO_HOME, home_expanded
from zoomdream.presets.documents.yaml_document import Document, KeyPath
from zoomdream.presets.mask_places import place_of_mask, place_of_number
from zoomdream.presets.recipe import (
    Recipe,
    different_reason,
    json_text,
    missing_reason,
    recipe_of,
    with_paths,
    written_paths,
)
from zoomdream.presets.sample_pictures import is_sample, sample_file
from zoomdream.presets.schema import PresetModel
from zoomdream.schedule.adaptation import Adaptation
from zoomdream.schedule.clock import NO_TEMPO, BeatGrid, Clock
from zoomdream.schedule.expressions.syntax import ExpressionError
from zoomdream.schedule.expressions.variables import Silence, Sound, Variables
from zoomdream.schedule.palettes import PaletteMoments, PaletteTrack, ReferenceColors
from zoomdream.schedule.tables.settings_table import TrackError
from zoomdream.schedule.timeline import Timeline
from zoomdream.schedule.tracks import AnyTrack, Crossfade, Sweep, mask_regions, region_of
from zoomdream.schedule.wandering import Wander
from zoomdream.settings import OutputSettings


@dataclass(frozen=True)
class Preset:
    """A checked preset."""

    document: Document
    """Its data, overrides included, with the place of each value."""

    model: PresetModel
    """The same, validated."""

    base: Path
    """Where its relative paths begin."""

    file: Path | None = None
    """The file that it was read from; None for text from elsewhere."""

    origins: Mapping[str, str] = field(default_factory=dict)
    """Of a film's recipe: the names of its files, and each one's path when the film was rendered, if it carries it."""

    @property
    def name(self) -> str:
        """Its name in messages: the file's path as the caller wrote it, or the shipped preset's name."""
        return self.document.name

    @property
    def source(self) -> Path | None:
        """The photo or video; None: the film begins with noise."""
        return None if self.model.source == "noise" else self._file(self.model.source)

    @property
    def canvas(self) -> Canvas:
        """The film's size, rate and length, as far as they are set."""
        return self.model.canvas

    @property
    def seed(self) -> int:
        """0 to 2**63 - 1."""
        return self.model.seed

    @property
    def network(self) -> str:
        """The network's name, not yet looked up; the first one's where there are several."""
        return self.networks[0]

    @property
    def networks(self) -> tuple[str, ...]:
        """The names of all networks that dream, not yet looked up, the first one first."""
        return tuple(self.model.networks or (self.model.network,))

    @property
    def networks_key(self) -> str:
        """The key that names them."""
        return "networks" if self.model.networks else "network"

    @property
    def weights(self) -> Path | None:
        """A file with the network's weights, when the preset names one."""
        return self._file(self.model.weights) if self.model.weights else None

    @property
    def output(self) -> OutputSettings:
        """How the film is written."""
        return OutputSettings.model_validate(self.model.output.written())

    @property
    def music(self) -> Path | None:
        """The sound that tracks follow, when the preset names a file; else it is the video's own."""
        return self._file(self.model.audio.file) if self.model.audio.file else None

    @property
    def audio(self) -> Path | None:
        """A file with the film's sound, when the preset names one: the music, unless the output says otherwise."""
        audio = self.output.audio
        if self._plays_music:
            return self.music
        return None if audio in ("source", "none") else self._file(audio)

    @property
    def audio_track(self) -> int | None:
        """Which of that file's, or the video's, sound tracks is the film's, counted from 1; None: its default one."""
        number = self.output.audio_track
        return self.model.audio.track if number is None and self._plays_music else number

    @property
    def _plays_music(self) -> bool:
        return self.music is not None and "audio" not in self.model.output.model_fields_set

    @property
    def layers(self) -> Crossfade | Sweep | Wander:
        """What is dreamed when, with its objectives' files where they are."""
        return self.model.dream.layers.located(lambda path: self._file(str(path)))

    def layers_on(self, clock: Clock, *, measure: bool = True) -> Crossfade | Sweep:
        """What is dreamed when on a film's clock: a walk as its keyframes. Raises what `Wander.on` does.

        Without `measure` no network is loaded: a walk that needs one is taken for its layers, all along.
        """
        layers = self.layers
        if not isinstance(layers, Wander):
            return layers
        with self.locating_errors("network"):
            is_known = layers.is_known(self.network, self.weights)
        if not (is_known or measure):
            return layers.outline
        with self.locating_errors("dream", "layers"):
            return layers.on(self._with_beats(clock), self.seed, self.network, self.weights)

    @property
    def palette(self) -> PaletteTrack | None:
        """The colors that the film is drawn to, with their pictures where they are; None: its own."""
        written = self.model.color.palette
        return None if written is None else written.located(lambda path: self._file(str(path)))

    @property
    def beats(self) -> BeatGrid | None:
        """The tempo, when the preset has one."""
        return self.model.beats

    def clock(self, clip: Clock | None = None) -> Clock:
        """The film's clock, with its tempo: see `Canvas.clock`. Raises PresetError where a length is in beats without
        a tempo, SettingError when the range leaves the clip."""
        for key in ("start", "duration"):
            time = getattr(self.canvas, key)
            if self.beats is None and time is not None and time.unit in ("b", "bar"):
                place = self.document.where(("canvas", key)).label
                raise PresetError(f"{place}: canvas.{key}: '{time.text}' {NO_TEMPO}")
        return self.canvas.clock(clip, self.beats)

    def variables(
        self, clock: Clock, size: tuple[int, int] | None, sound: Sound | None = None, sound_start: float = 0.0
    ) -> Variables:
        """What the preset's expressions may name, on a film of this size with this sound; None: they have none."""
        return Variables(self._with_beats(clock), self.seed, size, sound, sound_start, self.model.beats_per_bar)

    def timeline(
        self,
        clock: Clock,
        variables: Variables | None = None,
        adaptation: Adaptation | None = None,
        palettes: Mapping[ReferenceColors, PaletteMoments] | None = None,
        *,
        measure: bool = True,
    ) -> Timeline:
        """The table of settings per frame.

        Without `variables`, what only the source tells is taken for 640x360 pixels and for silence. `adaptation` keeps
        the look on another canvas than the settings were written for: see `Canvas.adaptation`. Without `palettes` the
        film has its own colors. `measure` is that of `layers_on`. Raises PresetError, with the place, when two
        keyframes fall on one instant of this clock, when a time is in beats without a tempo, and where an expression
        has a value that its setting cannot have, or none.
        """
        clock = self._with_beats(clock)
        known = variables or self.variables(clock, self.canvas.size or (640, 360), Silence())
        sections = dict(self.model.timeline_sections())
        if self.palette is not None and palettes is not None:
            sections["palette"] = self.palette.tracks(palettes)
        try:
            return Timeline(clock, self.layers_on(clock, measure=measure), sections, known, adaptation)
        except TrackError as error:
            cause = error.cause
            path = place_of_number(self.document, error.key, getattr(cause, "text", None))
            place, reason = self.document.where(path).label, str(cause)
            if isinstance(cause, ExpressionError):
                place, reason = self.document.place_of_text(path, cause.text, cause.column), cause.reason
            raise PresetError(f"{place}: {'.'.join(path)}: {reason}") from None

    def _with_beats(self, clock: Clock) -> Clock:
        return replace(clock, beats=clock.beats or self.beats)

    def keyframe_warnings(self, clock: Clock) -> list[str]:
        """One warning for each key whose keyframes lie after the end of a film with this clock, and are not reached."""
        clock = self._with_beats(clock)
        late = [(".".join(path), track.after_end(clock)) for path, track in self._tracks()]
        late += [("color.palette", self.palette.after_end(clock))] if self.palette else []
        return [f"{key}: the film ends before {', '.join(times)}" for key, times in late if times]

    def formula_warnings(self, clock: Clock, variables: Variables) -> list[str]:
        """One warning for each key whose Deforum strings are no numbers at frames of a film, and are filled there."""
        gaps = [(".".join(path), track.filled(clock, variables)) for path, track in self._tracks()]
        return [f"{key}: {_filled_text(frames)}" for key, frames in gaps if frames]

    def _tracks(self) -> list[tuple[KeyPath, AnyTrack | Crossfade | Sweep | Wander]]:
        """Everything that changes over time, with its key."""
        tracks: list[tuple[KeyPath, AnyTrack]] = [
            ((section, name), value)
            for section, values in self.model.timeline_sections().items()
            for name, value in values.items()
            if isinstance(value, AnyTrack)
        ]
        masks: list[tuple[KeyPath, AnyTrack]] = [
            (("dream", "layers", "mask", region.kind if track is region.numbers else "feather"), track)
            for region in mask_regions(self.layers.keys)
            for track in region.tracks
            if isinstance(track, AnyTrack)
        ]
        return [(("dream", "layers"), self.layers), *masks, *tracks]

    def mask_place(self, mask: Path | Region) -> KeyPath:
        """The key of a mask that is a file or a motion."""
        return place_of_mask(self.document, mask, self._file)

    def refuse_motion_masks(self) -> None:
        """Raise SettingError, with its place, for a mask of what moves: this film is over no video."""
        for region in filter(None, map(region_of, self.layers.keys)):
            if region.motion:
                with self.locating_errors(*self.mask_place(region)):
                    raise SettingError(no_motion(region.motion))

    def recipe(self) -> str:
        """The preset as a film carries it, one line of JSON: see `Recipe.text`, whose errors it raises."""
        return self.portable.text

    @property
    def portable(self) -> Recipe:
        """The preset's data after overrides with names in place of paths. Raises SourceError without a home folder."""
        assert isinstance(self.document.data, dict)
        return recipe_of(self.document.data, self._file)

    @property
    def located_text(self) -> str:
        """The preset as a line of JSON with the full path of every file, for another process on the same files."""
        assert isinstance(self.document.data, dict)  # it is a valid preset's
        data = {key: value for key, value in self.document.data.items() if key not in ("folder", "files")}
        return json_text(with_paths(data, lambda path: str(self._file(path).absolute())))

    def check_files(self) -> None:
        """Find the files of a film's recipe beside the film, and compare files whose sha256 the preset has.

        Raises SourceError, MissingSourceError for the source.
        """
        assert isinstance(self.document.data, dict)
        for path in written_paths(self.document.data):
            file, sha256 = self._file(path), (self.model.files or {}).get(path)
            reason = missing_reason(self.name, self.origins.get(path), path, file)
            reason = reason or different_reason(self.name, file, sha256)
            if reason:
                raise (MissingSourceError if path == self.model.source else SourceError)(reason)

    @contextmanager
    def locating_errors(self, *path: str) -> Iterator[None]:
        """Errors of names, settings and sources within begin with the place of a key: file, line, key."""
        try:
            yield
        except (SettingError, UnknownNameError, SourceError) as error:
            odd = None if isinstance(error, SourceError) else self._odd_character(path, str(error))
            words = visible_text(str(error)) if odd else str(error)
            error.args = (f"{odd + ';' if odd else self.document.where(path).label + ':'} {'.'.join(path)}: {words}",)
            raise

    def odd_character_note(self, *path: str) -> str:
        """What a message about a value begins with where it has characters that look like others; else empty."""
        value = self.document.value(path)
        odd = self.document.odd_character(value, self.document.where(path)) if isinstance(value, str) else None
        return f"{odd}; " if odd else ""

    def _odd_character(self, path: KeyPath, message: str) -> str | None:
        """Place and name of an odd character in a name below a key that a message is about."""
        for place, name in self.document.texts(path):
            if name in message or repr(name)[1:-1] in message:
                odd = self.document.odd_character(name, self.document.where(place))
                if odd:
                    return odd
        return None

    def _file(self, text: str) -> Path:
        """The file of a path as it is written. Raises SourceError for a home folder that is not known here."""
        if is_sample(text):
            return sample_file(text)
        try:
            return self.base / home_expanded(text)
        except RuntimeError:
            kind = MissingSourceError if text == self.model.source else SourceError
            raise kind(f"{self.name}: {text}: {NO_HOME}") from None


def _filled_text(frames: list[int]) -> str:
    places = f"at {len(frames)} places" if len(frames) > 1 else "at one place"
    return f"not a number {places}, first at frame {frames[0]}: filled linearly, as Deforum does"
