envform {
  registry = "oci:./registry"
}

environment "a" {
  image       = "python:3.12"
  description = <<EOT and more
  # ^ error: Invalid heredoc
EOT
}

environment "b" {
  image       = "python:3.12"
  description = <<-EOT
    ${nothing.here}
    %{ for x in 5 }${x}%{ endfor }
  EOT
  # error at 15: Invalid reference
  # error at 16: Iteration over non-iterable value
  pip = <<EOT
numpy
EOT
  # error at 20: Invalid argument value
}

environment "c" {
  image       = "python:3.12"
  description = <<EOT
  # error at 28: Unterminated heredoc
}
