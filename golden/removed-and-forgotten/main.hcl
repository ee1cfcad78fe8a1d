envform {
  registry = "oci:./registry"
}

removed {
  from = environment.training

  lifecycle {
    destroy = false
  }
}
