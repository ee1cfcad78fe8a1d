"""What an environment is made of: packages, build contexts, instructions, in one normal form."""
