envform {
  registry = "oci:./registry"
}

environment "scoring" {
  image = "oci:./images:base"
}

environment "training" {
  image       = "oci:./images:base"
  description = "What training runs in."
}
