envform {
  registry = "oci:./registry"
}

base_image "python" {
  debian   = "bookworm"
  packages = ["python3"]
}

base_image "other" {
  debian = "stable" # error: Unknown release of Debian
  packages = [
    "python3==3.11", # error: Invalid Debian package
  ]
  description = base_image.other.hash # error: Self-referential block
}

environment "misspelt" {
  image = base_image.pyhton.image # error: Reference to undeclared base image
}

environment "attribute" {
  image = base_image.python.docker_steps # error: Unsupported attribute
}
