"""Every kind of objective in its short form."""

KINDS = [
    "fire5",
    "l2:fire8",
    "mean:fire8",
    "fire8:17",
    "fire6:3+17",
    "fire8:17@center",
    "fire6:5@0.2/0.7",
    "class:espresso",
    "class:285",
    "guide:fire6:{photos}/chelsea.png",
    "cosine:fire6:{photos}/chelsea.png",
    "direction:fire8:17+31*-0.5",
    "direction:fire8:{folder}/vector.npy",
]
