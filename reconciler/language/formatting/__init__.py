"""Formatting: text → the same text with white space as `terraform fmt` sets it."""
