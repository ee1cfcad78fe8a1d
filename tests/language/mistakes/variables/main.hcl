envform {
  registry = "oci:./registry"
}

variable "size" {
  type = number
}

variable "sizes" {
  type = list(number)
}

variable "kind" {
  type = strin # error: Invalid type specification
}

environment "a" {
  image = "python:${var.size}-${var.kind}"
  pip   = var.sizes
  tags  = { a = var.sise } # error: Reference to undeclared input variable
}
