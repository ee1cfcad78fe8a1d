envform {
  registry = "oci:./registry"
}

environment "scoring" {
  image       = "oci:./images:base"
  description = "Scores."
}

environment "training" {
  image       = "oci:./images:base"
  description = "Trains."
}
