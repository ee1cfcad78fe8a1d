envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "red: \u001b[31m, ${"$"}{x}, line\u2028end"
  tags        = { "::add-mask::" = "a\tb", "k" = "%%{ if }" }
}
