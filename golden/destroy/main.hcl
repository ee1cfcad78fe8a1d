envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "What training runs in."
}

environment "scoring" {
  image       = "oci:./images:base"
  description = "What training runs in."
  on_destroy  = "delete"
}
