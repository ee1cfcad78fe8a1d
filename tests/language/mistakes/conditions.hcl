envform {
  registry = "oci:./registry"
}

variable "count_of" {
  default = 3
  validation {
    condition     = var.count_of > 5
    error_message = "Too few."
  }
  # error at 5: Invalid value for variable
}

environment "a" {
  image = "python:3.12"
  lifecycle {
    precondition {
      condition     = var.count_of + 1 # error: Invalid condition result
      error_message = "Never."
    }
    precondition {
      condition     = var.count_of == 4 # error: Resource precondition failed
      error_message = "Not four."
    }
    ignore_changes = [imagee] # error: Invalid ignore_changes
  }
}

check "c" {
  assert { # error: Missing required argument
    condition = environment.a.name != ""
  }
}
