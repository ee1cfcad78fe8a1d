"""Real services for tests, started when a test wants one and ended by process id."""
