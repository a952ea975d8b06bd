"""Keyframe strings of public projects: where each stands, and its values as they are written there."""

from __future__ import annotations

WEBUI = "deforum-art/sd-webui-deforum"
STUDIO = "XmYx/deforum-studio"

CORPUS: tuple[tuple[str, str], ...] = (
    (f"{WEBUI} scripts/default_settings.txt", "0: (1.0025+0.002*sin(1.25*3.14*t/30))"),
    (f"{WEBUI} scripts/default_settings.txt", '0:(s), 1:(-1), "max_f-2":(-1), "max_f-1":(s)'),
    (f"{WEBUI} scripts/default_settings.txt", "0: (1.75)"),
    (f"{WEBUI} pull request 467", "0:(0), (max_f/2):(10), (max_f-1):(0)"),
    (f"{WEBUI} pull request 467", "0: (0.65), 50:(0.4), 100: (0.65)"),
    (f"{WEBUI} pull request 358", "0:(0.85), max_f/2:(0)"),
    (f"{WEBUI} wiki Maths-in-Deforum", "0:(-2), 100:(4)"),
    ("deforum-art/stable-diffusion pull request 72", "0:(1.0+sin(t**2)), 20:(3), 40:(t%15)"),
    ("deforum-art/deforum-stable-diffusion Deforum_Stable_Diffusion.py", "0:(10*sin(2*3.14*t/10))"),
    ("deforum-art/deforum-stable-diffusion Deforum_Stable_Diffusion.py", "0:(1.04)"),
    ("deforum/deforum-stable-diffusion issue 124", "0:(-0.35*(cos(3.141*t/25)**100)+0.8)"),
    ("deforum/deforum-stable-diffusion issue 127", "0: ((-2.8 * sin((120 / 120 * 3.141 * t / 24 + 192))**1 + 0))"),
    ("Logeswaran123/Stable-Diffusion-Playground animation_mode/config.py", "0:(-2.5)"),
    (f"{STUDIO} presets/Evolve-Pulse-Glitch.txt", "0: ((4 * cos((120 / 60* 3.141 * (t + 0) / 12))**1 + 0))"),
    (f"{STUDIO} presets/Evolve-Pulse-Glitch.txt", "0: ((0.3 * sin((120 / 240 * 3.141 * (t + 0) / 12))**1 + 0))"),
    (f"{STUDIO} presets/Evolve-Pulse-Glitch.txt", "0: ((1.5 * cos((120 / 480 * 3.141 * (t + 0) / 15))**1 + 0))"),
    (
        f"{STUDIO} presets/Evolve-Pulse-Glitch.txt",
        "0: ((-0.17 * cos((120 / 120 * 3.141 * (t + 8) / 15))**0.90 + 0.42))",
    ),
    (f"{STUDIO} presets/Evolve-Pulse-Glitch.txt", "0: ((0.25 * cos((120 / 960 * 3.141 * (t + 0) / 24))**1 + 0.45))"),
    (f"{STUDIO} presets/Move-Warp-2.txt", "0: ((-50 * sin((120 / 3840 * 3.141 * (t + 0) / 12))**1 + 0))"),
    (
        f"{STUDIO} presets/Move-Warp-2.txt",
        "0: ((1 * cos((120 / 240* 3.141 * (t + 0) / 24))**1 + 0)"
        "*(1 * cos((120 / 3840 * 3.141 * (t + 120) / 12 ))**1 + 1))",
    ),
    (f"{STUDIO} presets/Move-Warp-2.txt", "0:(0.45), 45:(1.2), 90: (0.7), 135: (1.2)"),
    (f"{STUDIO} presets/Move-Warp-2.txt", "0:(0.5) "),
    (f"{STUDIO} presets/Elastic-Vision.txt", "0: ((0.05 * cos((120 / 120 * 3.141 * (t + 3) / 13))**70 + 0.02))"),
    (f"{STUDIO} presets/Elastic-Vision.txt", "0: ((0.350 * sin((120 / 240 * 3.141 * (t + 0) / 24))**1 + 0.55))"),
    (f"{STUDIO} presets/Elastic-Vision.txt", "0:  (0.6)"),
    (f"{STUDIO} presets/Zoom-To-New.txt", "  0: ((18 * cos((120 / 240 * 3.141 * (t + 10) / 12))**10 + 5))"),
    (f"{STUDIO} presets/Zoom-To-New.txt", " 0: ((-0.1 * cos((120 / 120 * 3.141 * (t + 7) / 12))**0.90 + 0.42))"),
    (
        f"{STUDIO} presets/Flashbacks.txt",
        "0: (0), 59:(0), 60: ((1.00 * cos((120 / 960 * 3.141 * (t + 0) / 24))**11 + 0)"
        "*(1.75 * cos((120 / 120 * 3.141 * (t + 7) / 24 ))**1 + 0)), 90: (0)",
    ),
    (
        f"{STUDIO} presets/Flashbacks.txt",
        "0: (0), 20: ((1 * cos((120 / 120 * 3.141 * (t + 0) / 15))**1 + 0)), 90:(0), "
        "135: ((1 * cos((120 / 60 * 3.141 * (t + 0) / 15))**1 + 0))",
    ),
    (
        f"{STUDIO} presets/Flashbacks.txt",
        "0: (0), 59:(0), 60: ((80.00 * cos((120 / 960 * 3.141 * (t + 0) / 24))**11 + 0)"
        "*(3.75 * cos((120 / 120 * 3.141 * (t + 7) / 24 ))**1 + 0)), 90: (0), 119:(0), "
        "120: ((-30.00 * cos((120 / 960 * 3.141 * (t + 0) / 24))**11 + 0)"
        "*(1.75 * cos((120 / 120 * 3.141 * (t + 7) / 24 ))**1 + 0)), 150: (0)",
    ),
    (f"{STUDIO} presets/Flashbacks.txt", "0:  ((0.2 * cos((120 / 120 * 3.141 * (t + 0) / 15))**1 + 0))"),
    (f"{STUDIO} presets/Flashbacks.txt", "0: ((20 * cos((120 / 240 * 3.141 * (t + 53) / 24))**90 + 0.35))"),
    (
        f"{STUDIO} presets/Flashbacks.txt",
        "\n   45:(0.38),   46:(0.37),   47:(0.34),\n   48:(0.23),   49:(0.08),   50:(0.00),   51:(0.08),   "
        "52:(0.23),   53:(0.34),   54:(0.37),   55:(0.38)",
    ),
    (
        f"{STUDIO} presets/Classic-3D-Motion-4.txt",
        "0:(0), 15:((-1.7+(4.5)*(cos(3.141*(t+70)/80)**6))+((9)*(cos(3.141*(t)/15)**6)+0)"
        "+((18)*(cos(3.141*(t+18)/80)**160)+0)+((42)*(cos(3.141*(t+8)/80)**160)+0)), 50:(1), "
        "80:((-1.4+(3.5)*(cos(3.141*(t+120)/100)**5))+((7)*(cos(3.141*(t+40)/22)**9)+0)"
        "+((14)*(cos(3.141*(t+60)/100)**180)+0)+((36)*(cos(3.141*(t+30)/100)**180)+0)), 100:(0), "
        "135:((-1.5+(4)*(cos(3.141*(t+140)/90)**6))+((8)*(cos(3.141*(t+110)/15)**7)+0)"
        "+((16)*(cos(3.141*(t+130)/90)**160)+0)+((40)*(cos(3.141*(t+120)/90)**160)+0))",
    ),
    (
        f"{STUDIO} presets/Classic-3D-Motion-4.txt",
        "0:(-2), 30:((4.7)*(cos(3.141*(t)/15)**1)+((-18)*(cos(3.141*(t+22)/75)**160)+0)), 70:(0), "
        "95:((-0.8+(4.5)*(cos(3.141*(t+90)/110)**1))+((8)*(cos(3.141*(t+50)/27)**2)+0)), "
        "130:((4.2)*(cos(3.141*(t+180)/22)**1)+((-16)*(cos(3.141*(t+205)/95)**180)+0))",
    ),
    (
        f"{STUDIO} presets/Classic-3D-Motion-4.txt",
        "0:(-2.4), 30:((-1+(-29)*(cos(3.141*(t)/15)**5))+((53)*(cos(3.141*(t+12)/80)**90)+0)), 70:(-1.7), "
        "95:((-1.5+(-20)*(cos(3.141*(t+90)/110)**6))+((46)*(cos(3.141*(t+60)/80)**80)+0)), "
        "130:((-1.8+(-24)*(cos(3.141*(t+180)/22)**5))+((57)*(cos(3.141*(t+195)/90)**110)+0))",
    ),
    (
        f"{STUDIO} presets/Classic-3D-Motion-4.txt",
        "0:(0), 30:(((4.7)*(cos(3.141*(t)/15)**1)+((-14)*(cos(3.141*(t+22)/75)**160)+0))*(-0.45)), "
        "95:(((4.5)*(cos(3.141*(t+90)/110)**1)+((-9)*(cos(3.141*(t+50)/27)**2)+0))*(-0.35)), "
        "130:(((4.2)*(cos(3.141*(t+180)/22)**1)+((-14)*(cos(3.141*(t+205)/95)**180)+0))*(-0.4))",
    ),
    (
        f"{STUDIO} presets/Classic-3D-Motion-4.txt",
        "0:(0), 15:(((1.6+(4.5)*(cos(3.141*(t+70)/80)**6))+((9)*(cos(3.141*(t)/15)**6))"
        "+((-42)*(cos(3.141*(t+18)/80)**160)+0)+((42)*(cos(3.141*(t+8)/80)**160)+0))*(-0.55)), 50:(0.25), "
        "80:(((2)+(3.5)*(cos(3.141*(t+120)/100)**5))+((7)*(cos(3.141*(t+40)/22)**9))"
        "+((-36)*(cos(3.141*(t+60)/100)**180)+0)+((36)*(cos(3.141*(t+30)/100)**180)+0))*(-0.45), 100:(0), "
        "135:(((1.8+(4)*(cos(3.141*(t+140)/90)**6))+((8)*(cos(3.141*(t+110)/15)**7))"
        "+((-40)*(cos(3.141*(t+130)/90)**160)+0)+((40)*(cos(3.141*(t+120)/90)**160)+0))*(-0.5))",
    ),
    (
        f"{STUDIO} presets/Classic-3D-Motion-4.txt",
        "0:(0), 40:(0.65), 65:(-0.14), 90:(-0.35), 120:(-1), 150:(-0.27), 160:(0), 170:(2), 175:(-0.12), "
        "180:(0.65), 190:(0.37), 215:(0.45), 235:(0.75), 250:(-0.22)",
    ),
    (
        f"{STUDIO} presets/Classic-3D-Motion-4.txt",
        "0: (0.4), 15: (0.45), 30: (0.42), 40: (0.39), 65: (0.45), 90: (0.43), 120: (0.37), 150: (0.48), "
        "160: (0.52), 170: (0.46), 175: (0.44), 180: (0.49)",
    ),
    (f"{STUDIO} presets/Fly-Through-Spin.txt", "0: (-0.6)"),
    (
        "juswaldy/scrap folder1/sd/chat1-deforum-motion.md",
        "0: (0.995), 100: (0.9), 150: (0.995), 350: (1.1), 400: (0.9), 450: (0.995), 650: (0.9)",
    ),
    (
        "juswaldy/scrap folder1/sd/chat1-deforum-motion.md",
        "0: (0.5), 50: (0.6), 100: (0.5), 150: (0.4), 200: (0.3), 300: (0.4)",
    ),
    (
        "juswaldy/scrap folder1/sd/chat1-deforum-motion.md",
        "0: (0), 150: (0), 200: (-1), 250: (-2), 300: (-1), 350: (0), 600: (0), 650: (-1)",
    ),
)
