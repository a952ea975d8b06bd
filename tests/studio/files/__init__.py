"""Tests of the studio's files."""
