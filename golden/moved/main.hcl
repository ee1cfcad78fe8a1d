envform {
  registry = "oci:./registry"
}

environment "train" {
  image       = "oci:./images:base"
  description = "What training runs in."
  name        = "training"
}

moved {
  from = environment.training
  to   = environment.train
}
