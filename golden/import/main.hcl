envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "What training runs in."
}

import {
  to = environment.training
  id = "training:1"
}
