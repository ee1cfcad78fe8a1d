"""Azure ML's own documents, read as they are, and translated into blocks."""
