envform {
  registry = "oci:./registry"
}

environment "training" {
  image   = "oci:./images:other"
  version = "7"
}
