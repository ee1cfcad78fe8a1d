"""Images that a Docker engine makes: from steps, from the text of a Dockerfile, from a build context."""
