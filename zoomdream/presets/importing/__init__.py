"""Presets made from files of other programs: settings of Deforum, documents of Parseq."""

from zoomdream.presets.importing.findings import Finding, table
from zoomdream.presets.importing.writing import import_preset

__all__ = ["Finding", "import_preset", "table"]
