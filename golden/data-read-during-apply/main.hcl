envform {
  registry = "oci:./registry"
}
environment "base" {
  image       = "oci:./images:other"
  description = "Stood on by others."
}
data "environment" "newest" {
  name = environment.base.name
}
environment "training" {
  image       = data.environment.newest.image
  description = "On version ${data.environment.newest.version}."
}
output "newest" {
  value = data.environment.newest.version
}
