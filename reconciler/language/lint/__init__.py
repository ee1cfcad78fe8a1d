"""What is known to go wrong with environments, as rules with ids: pure functions over what a project declares."""
