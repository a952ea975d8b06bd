"""What a dream amplifies: layers, channels, neurons, classes, guides and directions, mixed by weight.

Names are loaded when they are first used: `parse` and the specs need no torch, all others import it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
