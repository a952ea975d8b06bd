"""zoomdream: DeepDream films from one YAML file.

    import zoomdream

    film = zoomdream.prepare(zoomdream.load_preset("quickstart"))
    for frame in zoomdream.frames(film):          # 1x3xHxW float32 sRGB in [0, 1]
        ...
    zoomdream.render(film, "out.mp4")

Names are loaded when they are first used: `import zoomdream` does not import torch. It sets the environment variables
that PyTorch needs (`zoomdream.runtime.ENVIRONMENT`), unless they are set already; so import it before torch.
"""

import lazy_loader

from zoomdream.runtime import set_environment

__version__ = "0.1.0"

set_environment()

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ = sorted([*__all__, "__version__"])
