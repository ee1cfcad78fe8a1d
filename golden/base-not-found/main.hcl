envform {
  registry = "oci:./registry"
}

environment "training" {
  image = "oci:./images:bose"
}
