envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:other"
  description = "What training runs in."
}
