"""Where a clip begins whose first frames refer to others that are not in the file."""

from __future__ import annotations

from pathlib import Path

from zoomdream.errors import SourceError
from zoomdream.media.frame_times import decoded_times
from zoomdream.media.probing.packets import Packets
from zoomdream.media.probing.stream_info import FileInfo


def decodable_start(path: Path, info: FileInfo, packets: Packets) -> Packets:
    """The packets from the first one on that decodes. Raises SourceError where none does."""
    if not packets.doubtful:
        return packets
    first_key = packets.first_key
    candidates = packets.order if first_key is None else packets.order[packets.order.index(first_key) :]
    tick = packets.time_base
    stream = f"0:{info.video_index}"
    expected = {time * tick for time in candidates}
    with decoded_times(path, stream, copy_times=packets.is_continuous) as decoded:
        first = next((time for time in decoded if time in expected), None)
    if first is None:
        raise SourceError(f"{path}: none of its {len(packets.times)} frames can be decoded")
    return packets.from_time(int(first / tick))
