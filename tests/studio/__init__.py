"""Tests of the studio: its server, without a browser."""
