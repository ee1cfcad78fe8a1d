envform {
  registry = "oci:./registry"
}

environment "training" {
  name        = "trainer"
  image       = "oci:./images:base"
  description = "What training runs in."
}
