"""Runners on this machine."""
