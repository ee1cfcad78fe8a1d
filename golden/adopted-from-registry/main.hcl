envform {
  registry = "oci:./registry"
}

environment "scoring" {
  image = "oci:./images:base"
}
