"""Families of ImageNet's classes, such as birds and buildings. Needs no torch.

The animals stand in the order of their kinds (WordNet's), so that a family is a few ranges; things stand in the order
of the alphabet. A class may be in several families, and some are in none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache

from zoomdream.errors import UnknownNameError, nearest
from zoomdream.networks.descriptions import class_names

_WILDCARDS = re.compile(r"[*?\[]")

_INDICES: Mapping[str, str] = {
    "fishes": "0-6 389-397",
    "birds": "7-24 80-100 127-146",
    "amphibians": "25-32",
    "reptiles": "33-51",
    "snakes": "52-68",
    "spiders": "70-79 815",
    "sea creatures": "107-111 115-126 327-329 973",
    "shells": "112-114 116-117",
    "marsupials": "102-106",
    "whales": "147-150",
    "dogs": "151-268",
    "wolves and foxes": "269-280",
    "cats": "281-293",
    "bears": "294-297 387-388",
    "insects": "300-320",
    "butterflies": "321-326",
    "small mammals": "298-299 330-338 356-364",
    "hoofed animals": "339-355",
    "apes and monkeys": "365-384",
    "elephants": "101 385-386",
    "flowers": "738 944 946 984-986",
    "fruit": "948-957 987-990",
    "vegetables": "936-946 987",
    "mushrooms": "947 991-997",
    "food": "924-935 959-969",
    "landscapes": "970 972-980",
    "buildings": "410 415 424-425 437 442 449 454 467 483 497-498 500 538 580 582 624 634 649 660 663 668 682 698 727 "
    "743 762 788 832 858 860 865 873 900 915",
    "bridges and towers": "437 460 517 525 536 540 682 718 821 839 863 873 888 900",
    "rooms": "406 423 453-454 493 495 532 564 582 598 624 706 762 799 819 827 831 857 894",
    "vehicles": "403-405 407-408 436 444 466 468 511 547 555 565 569 573 575 586 603 609 612 627 654 656 661 665 "
    "670-671 675 690 705 717 734 751 757 779 802-803 817 820 829 847 856 864 866-867 870 874 880",
    "ships": "403 472 484 510 554 576 625 628 694 724 780 814 833 871 913-914",
    "aircraft": "404-405 417 657 701 744 812 895 908",
    "instruments": "401-402 420 432 486 494 513 541 546 558 566 577 579 593-594 641-642 683-684 687 699 776 822 875 "
    "881 889",
    "clocks and dials": "409 426 530-531 604 635 685 778 826 835 892",
    "clothes": "399-400 411 439 445 451-452 457 474 501 514-515 568 578 601 608 610 614 617 652 655 658 667 689 697 "
    "715 735 775 808 824 834 841 869 887 906",
    "dishes": "438 441 469 504-505 503 521 544 550 567 572 618 647 659 720 725 809 849 868 899 901 907 909 923",
    "tools": "462 464 473 491 499 507 512 571 587 596 606 623 677 695 714 730 740 772 783-784 792 813 862 882",
    "machines": "482 485 487 508 527-528 590 592 605 620 632 650 662 664 673 707 713 732 742 745 754 759 761 786 848 "
    "851 878 886",
    "balls": "429-430 522 574 722 768 805 852 890",
    "patterns": "411 488-490 509 581 599 611 640 646 669 741 750 753 794 825 828 885 904 911-912 918",
}


@cache
def class_families() -> Mapping[str, tuple[int, ...]]:
    """Each family's name and the indices of its classes, in their order."""
    return {name: tuple(sorted(set(_indices(ranges)))) for name, ranges in _INDICES.items()}


def _indices(ranges: str) -> list[int]:
    ends = (part.partition("-") for part in ranges.split())
    return [index for first, _, last in ends for index in range(int(first), int(last or first) + 1)]


def classes_of(name: str | int) -> tuple[int, ...]:
    """The indices of the classes of a family, of one class by its name or index, or of a pattern such as `*terrier*`.

    Raises UnknownNameError with the nearest families and classes.
    """
    names, families = class_names(), class_families()
    if isinstance(name, int):
        if not 0 <= name < len(names):
            raise UnknownNameError(f"there is no class {name}: there are {len(names)}, from 0 to {len(names) - 1}")
        return (name,)
    wanted = re.sub("[-_]", " ", name.strip().lower())
    if wanted in families:
        return families[wanted]
    plain = [re.sub("[-_]", " ", each.lower()) for each in names]
    found = tuple(index for index, each in enumerate(plain) if _matches(each, wanted))
    if not found:
        what = "no class matches" if _WILDCARDS.search(wanted) else "there is no family and no class"
        raise UnknownNameError(f"{what} {name!r}{nearest(wanted, (*families, *plain))}")
    return found


def _matches(name: str, wanted: str) -> bool:
    return fnmatchcase(name, wanted) if _WILDCARDS.search(wanted) else name == wanted
