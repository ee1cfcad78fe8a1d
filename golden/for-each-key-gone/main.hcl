envform {
  registry = "oci:./registry"
}

environment "training" {
  for_each = toset(["a"])
  name     = "training-${each.key}"
  image    = "oci:./images:base"
}
