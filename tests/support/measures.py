"""What is measured of pictures, the plain way."""

from __future__ import annotations

import cv2
import numpy as np

from zoomdream.images.frame import Frame


def laplacian_variance(frame: Frame) -> float:
    """Of the brightness, in levels of 255: how much fine detail there is."""
    gray = frame[0].mean(0).numpy().astype(np.float64) * 255
    return float(cv2.Laplacian(gray, cv2.CV_64F).var())
