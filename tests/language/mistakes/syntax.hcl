envform {
  registry = "oci:./registry"
}

environment "a" {
  image   = "python:3.12
  # ^ error: Invalid multi-line string
  version = 1 2 # error: Missing newline after argument
}

environment "b" {
  image = upper("python:3.12" # error: Unbalanced brackets
}

environment "c" {
  image = 'python:3.12' # error: Invalid character
}

environment "d" {
  image: "python:3.12" # error: Argument or block definition required
}
