"""Rings simulated customers through a running system, over HTTP alone."""
