envform {
  registry = "oci:./registry"
}

environment "a" {
  image          = "Python:3 12" # error: Invalid image reference
  version        = 1.10          # error: Invalid argument value
  python_version = "three"       # error: Invalid Python version
  pip            = ["numpy=>1.0"] # error: Invalid requirement
  platform       = "linux"       # error: Invalid platform
}
