"""envform: plan and apply for machine-learning environments."""

__version__ = "0.1.0"
