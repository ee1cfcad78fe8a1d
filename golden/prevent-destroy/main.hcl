envform {
  registry = "oci:./registry"
}

variable "keep" {
  default = true
}

environment "training" {
  for_each = toset(["a"])
  name     = "training-${each.key}"
  image    = "oci:./images:base"

  lifecycle {
    prevent_destroy = var.keep
  }
}
