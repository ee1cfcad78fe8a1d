envform {
  registry = "oci:./registry"
}

environment "a" {
  count    = 2
  for_each = toset(["x"])
  image    = "python:3.12"
  # error at 6: Invalid combination of "count" and "for_each"
}

environment "b" {
  image      = "python:3.12"
  dockerfile = "FROM python:3.12" # error: Conflicting base images
}

environment "c" {
  image      = "python:3.12"
  conda_file = { dependencies = ["python=3.12"] } # error: Conflicting arguments
  conda {
    dependencies = ["python=3.12"]
  }
}

environment "d" {
  image        = "python:3.12"
  user_managed = true
  pip          = ["numpy"] # error: Conflicting arguments
}

environment "e" {
  image    = "python:3.12"
  os_type  = "windows" # error: Conflicting arguments
  platform = "linux/amd64"
}
