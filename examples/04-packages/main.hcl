# Packages over a base image that has Python: resolved once, built in seconds without an engine, and run.
#
# The base is not in this folder. Fetch one first, from here:
#
#     skopeo copy docker://python:3.12-slim oci:./images:python

envform {
  registry = "oci:./registry"
}

environment "features" {
  image       = "oci:./images:python"
  pip         = ["numpy==2.2.6", "python-dateutil==2.9.0.post0"]
  description = "What the script in this folder imports."

  environment_variables = {
    OMP_NUM_THREADS = "1"
  }
}
