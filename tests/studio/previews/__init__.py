"""Tests of the studio's previews."""
