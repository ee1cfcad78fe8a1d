"""A layout folder served by the distribution protocol, so that others can pull from it and push to it."""
