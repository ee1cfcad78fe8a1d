"""What people have already, in our words: conda files, requirements, lock files, Azure's saved folders, as blocks."""
