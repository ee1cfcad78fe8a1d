envform {
  registry = "oci:./registry"
  backend { # error: Missing block label
    path = "state"
  }
}

environment { # error: Missing block label
  image = "python:3.12"
}

locals "x" { # error: Extraneous block label
  a = 1
}

environment "b" {
  image = "python:3.12"
  build = "folder" # error: Unsupported argument
  tags { # error: Unsupported block type
    a = "b"
  }
}
