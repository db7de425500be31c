"""Sweeps: one request over a grid of options, asked for together, found again together."""
