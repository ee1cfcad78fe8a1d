envform {
  registry = "oci:./registry"
}

environment "training" {
  image                 = "oci:./images:base"
  description           = "Line one.\nLine two.\n"
  tags                  = { team = "vision", stage = "production", "cost center" = "日本" }
  environment_variables = { OMP_NUM_THREADS = "8", TZ = "UTC" }
  on_destroy            = "delete"

  inference_config {
    liveness_route {
      path = "/health"
      port = 5001
    }
    readiness_route {
      path = "/ready"
      port = 5001
    }
    scoring_route {
      path = "/score"
      port = 5001
    }
  }
}
