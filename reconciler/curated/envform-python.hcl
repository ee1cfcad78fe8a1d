environment "envform-python" {
  image       = "docker.io/library/python:3.12-slim-bookworm"
  version     = "1"
  description = "Plain Python with what most scripts want: requests, YAML, dates, progress bars."
  pip         = ["click==8.5.1", "python-dateutil==2.9.0.post0", "pyyaml==6.0.3", "requests==2.34.2", "tqdm==4.70.1"]
}
