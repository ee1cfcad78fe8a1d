envform {
  registry = "oci:./registry"
}
environment "training" {
  image  = "oci:./images:other"
  labels = ["prod", "canary"]
}
environment "scoring" {
  image  = "oci:./images:base"
}
