"""Carries things out, only through the protocols it was given."""
