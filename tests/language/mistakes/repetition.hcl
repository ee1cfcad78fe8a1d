envform {
  registry = "oci:./registry"
}

variable "needed" { # error: No value for required variable
}

environment "a" {
  count = var.needed
  image = "python:3.12"
}

environment "b" {
  for_each = ["x"] # error: Invalid for_each argument
  image    = "python:${each.value}"
}

environment "c" {
  count = -1 # error: Invalid count argument
  image = count.indx # error: Unsupported attribute
}

environment "d" {
  image = environment.b["y"].image
  dynamic "spark" {
    for_each = 5 # error: Invalid dynamic for_each value
    content {}
  }
}
