envform {
  registry = "oci:./registry"
}

variable "token" {
  default   = "secret"
  sensitive = true
}

output "a" { # error: Missing required argument
}

output "b" {
  value = var.token # error: Output refers to sensitive values
}

output "c" {
  value = tonumber("many") + nothing.at.all # error: Invalid function argument | Invalid reference
}

data "environment" "shared" {
  version = "3"
  label   = "latest" # error: Conflicting arguments
}
