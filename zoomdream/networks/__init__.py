"""Pretrained networks: names, weights, layers, preprocessing, forward up to the deepest layer asked for.

Names are loaded when they are first used: listing networks needs no torch, `load_network` and `Network` import it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
