envform {
  registry = "oci:./registry"
}

environment "train" {
  name        = "training"
  image       = "oci:./images:base"
  description = "What training runs in."
}
