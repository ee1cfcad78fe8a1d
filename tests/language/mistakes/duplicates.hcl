envform {
  registry = "oci:./registry"
}

envform { # error: Duplicate envform block
  registry = "oci:./registry"
}

variable "a" {
  default = "python"
  default = "ubuntu" # error: Duplicate argument
}

variable "a" { # error: Duplicate variable
  default = "debian"
}

environment "a" {
  image = "${var.a}:3.12"
}

environment "a" { # error: Duplicate environment
  image = "python:3.13"
}

environment "b" {
  name  = "a" # error: Duplicate environment name
  image = "python:3.13"
}
