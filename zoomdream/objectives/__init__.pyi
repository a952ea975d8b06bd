from .classes import class_index as class_index
from .objective import Mix as Mix
from .objective import Objective as Objective
from .resolver import mask_warning as mask_warning
from .resolver import no_gradient_warning as no_gradient_warning
from .resolver import resolve as resolve
from .resolver import verify as verify
from .specs.short_form import parse as parse
from .specs.short_form import parse_channels as parse_channels
from .specs.spec import ChannelSpec as ChannelSpec
from .specs.spec import ClassSpec as ClassSpec
from .specs.spec import DirectionSpec as DirectionSpec
from .specs.spec import GuideSpec as GuideSpec
from .specs.spec import LayerSpec as LayerSpec
from .specs.spec import NeuronSpec as NeuronSpec
from .specs.spec import Spec as Spec
from .terms import Term as Term
from .terms import Window as Window
from .tile_plan import plan_tiles as plan_tiles
from .tile_plan import tiles_of_side as tiles_of_side
from .tiling import Tiling as Tiling

__all__ = [
    "ChannelSpec",
    "ClassSpec",
    "DirectionSpec",
    "GuideSpec",
    "LayerSpec",
    "Mix",
    "NeuronSpec",
    "Objective",
    "Spec",
    "Term",
    "Tiling",
    "Window",
    "class_index",
    "mask_warning",
    "no_gradient_warning",
    "parse",
    "parse_channels",
    "plan_tiles",
    "resolve",
    "tiles_of_side",
    "verify",
]
