envform {
  registry = "oci:./registry"
}

variable "region" {
  default = "eu"
}

locals {
  base = "python:${var.regin}" # error: Reference to undeclared input variable
}

environment "a" {
  image       = local.bas         # error: Reference to undeclared local value
  description = environment.c.name # error: Reference to undeclared environment
  tags        = { key = each.key } # error: Invalid reference
}

environment "b" {
  image = environment.a.imagee # error: Unsupported attribute
  tags  = { base = local.base, region = var.region }
}
