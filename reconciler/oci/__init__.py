"""Container images as immutable, lazy values. Floor 2: stands on model, touches nothing of the world."""
