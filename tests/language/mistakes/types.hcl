envform {
  registry = "oci:./registry"
}

variable "size" {
  type    = number
  default = "large" # error: Invalid default value for variable
}

environment "a" {
  image        = ["python:3.12"] # error: Invalid argument value
  pip          = "numpy"         # error: Invalid argument value
  tags         = { size = [var.size] } # error: Invalid argument value
  user_managed = "perhaps"       # error: Invalid argument value
}
