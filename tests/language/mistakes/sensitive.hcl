envform {
  registry = "oci:./registry"
}

variable "token" {
  default   = "s3cr3t"
  sensitive = true
}

environment "a" {
  for_each = toset([var.token]) # error: Invalid for_each argument
  image    = "python:3.12"
}

environment "b" {
  image       = "python:${var.token}"  # error: Sensitive value
  description = tonumber(var.token)    # error: Invalid function argument
  pip         = var.token              # error: Invalid argument value
  version     = { a = 1 }[var.token]   # error: Invalid index
}
