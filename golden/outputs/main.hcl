envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "What all training runs in."
}

output "description" {
  value = environment.training.description
}

output "list" {
  value = ["b", "c", "d", "e"]
}

output "reference" {
  value = { image = environment.training.image, "with blank" = "two\nlines\n" }
}

output "secret" {
  value     = sensitive("hunter3")
  sensitive = true
}
