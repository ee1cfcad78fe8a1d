environment "envform-tensorflow-cpu" {
  image       = "docker.io/library/python:3.12-slim-bookworm"
  version     = "1"
  description = "Deep learning on CPUs: TensorFlow and Keras."
  pip         = ["keras==3.15.1", "pandas==2.2.3", "pillow==13.0.0", "tensorflow-cpu==2.18.1"]

  environment_variables = {
    TF_CPP_MIN_LOG_LEVEL = "1"
  }
}
