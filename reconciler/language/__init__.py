"""From text to environments. Pure but for `source`, which nothing else here may import."""
