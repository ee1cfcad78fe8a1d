envform {
  registry = "oci:./registry"
}

environment "a" {
  image = "python:${3.12" # error: Extra characters after expression
}

environment "b" {
  image = "python:%{ if true }3.12" # error: Unterminated template directive
}

environment "c" {
  image = "python:%{ unless true }3.12%{ end }" # error: Invalid template control keyword
}

environment "d" {
  image = "python:\q" # error: Invalid escape sequence
}

environment "e" {
  image = "python:${["3.12"]}" # error: Invalid template interpolation value
}
