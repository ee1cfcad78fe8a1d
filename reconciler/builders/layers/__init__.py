"""Wheels → image layers, without an engine: what `pip install` would do, as bytes that are the same everywhere."""
