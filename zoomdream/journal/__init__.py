"""A film's finished frames and exact states on disk, so that a render that ended early goes on with the same bits.

docs/journal.md describes the files. Names are loaded when they are first used: which journals there are is known
without torch.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
