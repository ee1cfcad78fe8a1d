envform {
  registry = "oci:./registry"
}

environment "training" {
  image      = "oci:./images:debian"
  conda_file = "conda.yml"
}
