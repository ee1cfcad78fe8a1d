"""Layers of conda's packages, linked as conda links them, and never run."""
