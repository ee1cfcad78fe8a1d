"""Small base images from Debian packages, without running anything that is in them."""
