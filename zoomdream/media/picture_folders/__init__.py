"""Folders of numbered pictures as clips: their names, order and sizes."""
