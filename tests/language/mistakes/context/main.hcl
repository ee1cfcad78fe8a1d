envform {
  registry = "oci:./registry"
}

environment "a" {
  build {
    path   = "context"
    target = "nothing" # error: No such build stage
  }
}

environment "b" {
  build {
    path = "context"
    args = { TOKEN = [] } # error: Invalid argument value
  }
  pip = ["numpy"] # error: Conflicting arguments
}
