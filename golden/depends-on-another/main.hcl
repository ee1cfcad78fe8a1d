envform {
  registry = "oci:./registry"
}

environment "base" {
  image = "oci:./images:base"
}

environment "training" {
  image       = environment.base.image
  description = "Stands on version ${environment.base.version}."
}
