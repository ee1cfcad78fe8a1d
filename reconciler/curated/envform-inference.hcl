environment "envform-inference" {
  image       = "docker.io/library/python:3.12-slim-bookworm"
  version     = "1"
  description = "Azure ML's inference server, for scoring scripts, with scikit-learn and pandas."
  pip = [
    "azureml-inference-server-http==1.5.1",
    "joblib==1.6.0",
    "numpy==2.2.6",
    "pandas==2.2.3",
    "scikit-learn==1.6.1",
  ]

  inference_config {
    liveness_route {
      path = "/"
      port = 5001
    }
    readiness_route {
      path = "/"
      port = 5001
    }
    scoring_route {
      path = "/score"
      port = 5001
    }
  }
}
