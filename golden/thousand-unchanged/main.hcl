envform {
  registry = "oci:./registry"
}
environment "team" {
  for_each    = toset([for number in range(1000) : format("%04d", number)])
  image       = "oci:./images:base"
  description = "One of a thousand: ${each.key}."
}
