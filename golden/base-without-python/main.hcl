envform {
  registry = "oci:./registry"
}

environment "training" {
  image = "oci:./images:base"
  pip   = ["numpy==2.1.0"]
}
