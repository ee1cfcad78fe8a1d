envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "What training runs in."
}

data "environment" "now" {
  name = "training"
}

environment "scoring" {
  image = data.environment.now.image
}
