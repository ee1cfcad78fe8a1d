# Packages over a small Debian with its Python: chosen once, built in seconds without an engine or any registry, and run.
#
# It wants a machine with apt, such as Debian or Ubuntu, on which a Debian mirror and a package index answer. Elsewhere,
# take an image that has Python for the environment's `image`, and leave the `base_image` out.

envform {
  registry = "oci:./registry"
}

base_image "python" {
  debian   = "bookworm"
  packages = ["python3", "ca-certificates"]
}

environment "features" {
  image       = base_image.python.image
  pip         = ["numpy==2.2.6", "python-dateutil==2.9.0.post0"]
  description = "What the script in this folder imports."

  environment_variables = {
    OMP_NUM_THREADS = "1"
  }
}
