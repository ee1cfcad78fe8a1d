"""The nouns, frozen. Floor 1: imports nothing of envform, touches nothing of the world."""
