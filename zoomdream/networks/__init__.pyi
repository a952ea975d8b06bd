from .descriptions import class_names as class_names
from .descriptions import describe_layers as describe_layers
from .layer import Layer as Layer
from .loading import blueprint as blueprint
from .loading import load_network as load_network
from .network import LOGITS as LOGITS
from .network import Network as Network
from .network import Tap as Tap
from .registry import EMBEDDED as EMBEDDED
from .registry import NetworkInfo as NetworkInfo
from .registry import network_info as network_info
from .registry import network_infos as network_infos
from .registry import network_names as network_names

__all__ = [
    "EMBEDDED",
    "LOGITS",
    "Layer",
    "Network",
    "NetworkInfo",
    "Tap",
    "blueprint",
    "class_names",
    "describe_layers",
    "load_network",
    "network_info",
    "network_infos",
    "network_names",
]
