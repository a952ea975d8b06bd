"""RAFT around its network: weights from a server (a folder plays its part), padding, cropping, the order of frames."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models.optical_flow import raft_large

from tests.support.web_server import serve
from zoomdream.errors import WeightsError
from zoomdream.motion.optical_flow import raft
from zoomdream.motion.optical_flow.flow import flow_method
from zoomdream.motion.optical_flow.raft import raft_flow
from zoomdream.motion.optical_flow.reliability import motion_between
from zoomdream.networks import registry


def frame(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


class Spy(nn.Module):
    """Keeps what it is given, and answers with two estimates: noughts, then each pixel's own position."""

    def forward(self, here: Tensor, there: Tensor) -> list[Tensor]:
        self.here, self.there = here, there
        rows, columns = torch.meshgrid(*(torch.arange(side).float() for side in here.shape[2:]), indexing="ij")
        last = torch.stack([columns, rows])[None]
        return [torch.zeros_like(last), last]


@pytest.mark.parametrize(
    ("size", "padded", "corner"),
    [
        ((160, 128), (160, 128), (0, 0)),
        ((161, 129), (168, 136), (3, 3)),  # 7 missing: 3 before, 4 after
        ((1, 200), (128, 200), (63, 0)),
        ((12, 130), (128, 136), (58, 3)),
    ],
)
def test_frames_of_any_size_are_padded_and_the_flow_is_cropped(
    size: tuple[int, int], padded: tuple[int, int], corner: tuple[int, int]
) -> None:
    spy = Spy()
    found = raft_flow(model=spy)(frame(*size), frame(*size))
    assert spy.here.shape == spy.there.shape == (1, 3, padded[1], padded[0])
    assert found.shape == (size[1], size[0], 2)
    assert found.dtype == np.float32
    assert tuple(found[0, 0]) == corner
    assert tuple(found[-1, -1]) == (corner[0] + size[0] - 1, corner[1] + size[1] - 1)


def test_the_network_is_given_both_frames_in_order_from_minus_one_to_one_continued_by_their_borders() -> None:
    spy = Spy()
    here, there = frame(130, 128, 1), frame(130, 128, 2)
    raft_flow(model=spy)(here, there)
    for given, pixels in ((spy.here, here), (spy.there, there)):
        inner = given[0, :, :, 3:-3].permute(1, 2, 0).numpy()
        assert np.allclose(inner, pixels / 127.5 - 1, atol=1e-6)
        assert torch.equal(given[..., :3], given[..., 3:4].expand(-1, -1, -1, 3))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Tensor]]:
    """A server that stands for torchvision's, with random weights, and torch's cache beside it, empty."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        state = raft_large(weights=None).state_dict()
    content = io.BytesIO()
    torch.save(state, content)
    file = f"raft-{hashlib.sha256(content.getvalue()).hexdigest()[:8]}.pth"
    (tmp_path / file).write_bytes(content.getvalue())
    monkeypatch.setattr(raft, "RAFT", replace(raft.RAFT, file=file))
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "cache"))
    with serve(tmp_path) as address:
        monkeypatch.setattr(registry, "DOWNLOAD_FROM", address)
        yield dict(state)


def test_weights_are_downloaded_and_the_flow_is_the_networks(server: dict[str, Tensor]) -> None:
    before = torch.get_rng_state()
    method = flow_method("raft")
    assert torch.equal(torch.get_rng_state(), before)
    here, there = frame(130, 126, 1), frame(130, 126, 2)
    motion = motion_between(here, there, method)
    assert motion.backward.shape == (126, 130, 2)
    assert motion.reliability.shape == (126, 130)
    own = raft_large(weights=None).eval()
    own.load_state_dict(server)
    assert np.array_equal(motion.backward, raft_flow(model=own)(there, here))


def test_offline_says_which_file_goes_where_and_what_needs_no_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing listens on port 9 of this machine.
    monkeypatch.setattr(registry, "DOWNLOAD_FROM", "http://127.0.0.1:9/")
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    with pytest.raises(WeightsError) as error:
        flow_method("raft")
    message = str(error.value)
    assert f"Put raft_large_C_T_SKHT_V2-ff5fadd5.pth into {tmp_path / 'checkpoints'} yourself" in message
    assert "take another flow, such as fine" in message
    assert "squeezenet" not in message
