envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:other"
  description = "Changed, and nobody minds."
  tags        = { team = "vision" }

  lifecycle {
    ignore_changes = [image, description]
  }
}
