"""Families of classes hold what their names say."""

from __future__ import annotations

import pytest

from zoomdream.errors import UnknownNameError
from zoomdream.networks import class_names
from zoomdream.networks.features.class_families import class_families, classes_of


@pytest.mark.parametrize(
    ("family", "members", "others"),
    [
        ("birds", "cock, flamingo, king penguin, macaw, albatross", "bee, airliner"),
        ("fishes", "tench, great white shark, stingray, puffer", "grey whale"),
        ("dogs", "Chihuahua, pug, Mexican hairless", "timber wolf, tabby"),
        ("cats", "tabby, lion, cheetah", "hyena, brown bear"),
        ("insects", "ladybug, bee, dragonfly", "monarch, scorpion"),
        ("butterflies", "monarch, admiral", "dragonfly"),
        ("flowers", "daisy, rapeseed, yellow lady's slipper", "bee"),
        ("fruit", "lemon, strawberry, pomegranate", "mushroom"),
        ("mushrooms", "agaric, bolete, stinkhorn", "hay"),
        ("buildings", "castle, church, mosque, yurt", "airliner"),
        ("vehicles", "school bus, steam locomotive, sports car", "castle"),
        ("ships", "schooner, gondola, submarine", "steam locomotive"),
        ("instruments", "violin, grand piano, sax", "microphone"),
        ("landscapes", "alp, volcano, seashore", "bubble"),
        ("food", "pizza, ice cream, espresso", "plate"),
    ],
)
def test_a_family_has_its_own_and_no_others(family: str, members: str, others: str) -> None:
    names = {class_names()[index] for index in classes_of(family)}
    assert set(members.split(", ")) <= names
    assert not set(others.split(", ")) & names


def test_families_have_three_classes_or_more_each_once() -> None:
    for family, indices in class_families().items():
        assert len(indices) >= 3, family
        assert len(set(indices)) == len(indices)
        assert indices[0] >= 0
        assert indices[-1] < 1000


def test_families_and_classes_have_different_names() -> None:
    """So that a name says which is meant, and each class has one."""
    assert not {name.lower() for name in class_names()} & class_families().keys()
    assert len(set(class_names())) == len(class_names())


def test_a_class_and_a_pattern_are_small_families() -> None:
    assert [class_names()[index] for index in classes_of("School_Bus")] == ["school bus"]
    assert classes_of(779) == classes_of("school bus")
    assert {class_names()[index] for index in classes_of("*guitar")} == {"acoustic guitar", "electric guitar"}


def test_names_that_are_near_are_told() -> None:
    with pytest.raises(UnknownNameError, match="no family and no class 'bird'; did you mean birds"):
        classes_of("bird")
