envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "What training runs in."
}

check "first" {
  assert {
    condition     = environment.training.version == "2"
    error_message = "Training is at version ${environment.training.version}."
  }
}
