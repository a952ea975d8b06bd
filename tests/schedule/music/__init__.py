"""Tests of what is heard in a sound."""
