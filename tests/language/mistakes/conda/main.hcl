envform {
  registry = "oci:./registry"
}

environment "a" {
  image      = "python:3.12"
  conda_file = "conda.yml"
  imagee     = "python:3.13" # error: Unsupported argument
}
