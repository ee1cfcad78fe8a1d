envform {
  registry = "oci:./registry"
}

environment "a" {
  dockerfile = "RUN true" # error: Invalid Dockerfile
}

environment "b" {
  image        = "python:3.12"
  docker_steps = [
    "INSTALL numpy",     # error: Invalid Dockerfile
    "FROM python:3.13",  # error: Invalid Docker step
    "COPY a b",          # error: Copy without a build context
    "RUN a\nRUN b",      # error: Invalid Docker step
  ]
}
