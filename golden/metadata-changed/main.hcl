envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "What all training runs in.\nAsk the platform team before you change it."
  tags        = { team = "vision" }
}
