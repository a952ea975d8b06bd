"""Tests of the studio's editing."""
