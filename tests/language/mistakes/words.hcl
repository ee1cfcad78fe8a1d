envform {
  registy = "oci:./registry" # error: Unsupported argument
}

enviroment "a" { # error: Unsupported block type
  image = "python:3.12"
}

environment "b" {
  imagee = "python:3.12" # error: Unsupported argument
  life_cycle {           # error: Unsupported block type
    prevent_destroy = true
  }
}

environment "c" {
  image    = "python:3.12"
  pip      = ["numpy"]
  packages = "holds" # error: Invalid argument value
}
