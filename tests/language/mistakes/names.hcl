envform {
  registry  = "not a registry" # error: Invalid registry
  workspace = "a/b"            # error: Invalid workspace name
}

environment "a b" { # error: Invalid block label
  image = "python:3.12"
}

environment "c" {
  name    = "c.d"         # error: Invalid environment name
  version = "latest"      # error: Invalid version
  image   = "python:3.12"
}
