"""Tests of the studio's jobs."""
