# One environment on the embedded default: the registry is a folder, the state is a file, nothing else is needed.

envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "What every training job runs in."

  tags = {
    team = "vision"
  }
}
