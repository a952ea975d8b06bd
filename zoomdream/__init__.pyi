from .dreaming.ascent import dream as dream
from .dreaming.feature_visualization import visualize as visualize
from .errors import ZoomdreamError as ZoomdreamError
from .films.film import Film as Film
from .films.film_objectives import FilmObjectives as FilmObjectives
from .films.frame_loops import frames as frames
from .films.journaling import JournalOptions as JournalOptions
from .films.preparation import prepare as prepare
from .films.previews.frame import PreviewFrame as PreviewFrame
from .films.previews.frame import preview_frame as preview_frame
from .films.previews.showing import CurvesPicture as CurvesPicture
from .films.previews.showing import PreviewFilm as PreviewFilm
from .films.previews.showing import curves as curves
from .films.previews.showing import preview as preview
from .films.rendering import render as render
from .films.sweep import sweep_preset as sweep_preset
from .images.pictures.loading import load_image as load_image
from .images.pictures.saving import save_image as save_image
from .images.sampling.resample import fit_frame as fit_frame
from .motion.camera import move as move
from .networks.loading import load_network as load_network
from .networks.loading import load_networks as load_networks
from .networks.network import Network as Network
from .objectives.objective import Objective as Objective
from .presets.loading import load_preset as load_preset
from .presets.preset import Preset as Preset
from .progress import Progress as Progress
from .schedule.clock import Clock as Clock
from .schedule.clock import Time as Time
from .schedule.timeline import Timeline as Timeline
from .schedule.tracks import Crossfade as Crossfade
from .schedule.tracks import Keyframe as Keyframe
from .schedule.tracks import Track as Track
from .settings import CameraSettings as CameraSettings
from .settings import CarrySettings as CarrySettings
from .settings import ColorSettings as ColorSettings
from .settings import DreamSettings as DreamSettings
from .settings import OutputSettings as OutputSettings
from .settings import VisualizeSettings as VisualizeSettings
from .stills.saliency import draw_saliency as draw_saliency
from .stills.saliency import pixel_gradient as pixel_gradient
from .stills.saliency import smooth_gradient as smooth_gradient
from .stills.sheets import cell_photo as cell_photo
from .stills.sheets import channel_sheet as channel_sheet
from .stills.sheets import layer_sheet as layer_sheet
from .stills.still import dream_still as dream_still

__version__: str
__all__ = [
    "CameraSettings",
    "CarrySettings",
    "Clock",
    "ColorSettings",
    "Crossfade",
    "CurvesPicture",
    "DreamSettings",
    "Film",
    "FilmObjectives",
    "JournalOptions",
    "Keyframe",
    "Network",
    "Objective",
    "OutputSettings",
    "Preset",
    "PreviewFilm",
    "PreviewFrame",
    "Progress",
    "Time",
    "Timeline",
    "Track",
    "VisualizeSettings",
    "ZoomdreamError",
    "__version__",
    "cell_photo",
    "channel_sheet",
    "curves",
    "draw_saliency",
    "dream",
    "dream_still",
    "fit_frame",
    "frames",
    "layer_sheet",
    "load_image",
    "load_network",
    "load_networks",
    "load_preset",
    "move",
    "pixel_gradient",
    "prepare",
    "preview",
    "preview_frame",
    "render",
    "save_image",
    "smooth_gradient",
    "sweep_preset",
    "visualize",
]
