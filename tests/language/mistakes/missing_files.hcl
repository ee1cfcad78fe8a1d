envform {
  registry = "oci:./registry"
}

environment "a" {
  image       = "python:3.12"
  conda_file  = "no/conda.yml"   # error: No such file
  description = file("no.md")    # error: No such file
}

environment "b" {
  image             = "python:3.12"
  requirements_file = "no.txt"   # error: No such file
  tags              = { sum = filesha256("no.bin") } # error: No such file
}

environment "c" {
  build {
    path = "no-folder" # error: No such folder
  }
}
