envform {
  registry = "oci:./registry"
}

environment "training" {
  image   = "oci:./images:base"
  version = "7"
}
