from .descriptions import class_names as class_names
from .descriptions import describe_layers as describe_layers
from .layer import LOGITS as LOGITS
from .layer import Layer as Layer
from .layer import Tap as Tap
from .layer import is_logits as is_logits
from .loading import blueprint as blueprint
from .loading import blueprints as blueprints
from .loading import load_network as load_network
from .loading import load_networks as load_networks
from .network import Network as Network
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
    "blueprints",
    "class_names",
    "describe_layers",
    "is_logits",
    "load_network",
    "load_networks",
    "network_info",
    "network_infos",
    "network_names",
]
