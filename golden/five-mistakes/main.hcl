envform {
  registry = "oci:./registry"
}

environment "training" {
  imagee = "oci:./images:base"
}

environment "scoring" {
  image   = "oci:./images:base"
  version = 1.10
}

enviroment "typo" {
  image = "oci:./images:base"
}

environment "AzureML-mine" {
  image = "oci:./images:base"
}

environment "broken" {
  image = "oci:./images:base
}
