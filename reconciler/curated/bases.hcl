# What an environment stands on where it names no `image`, `dockerfile` or `build`. The first line that fits is taken:
# the platform, X.Y of the Python that is asked for ("conda" where conda brings one), and the accelerator.
# The first line of a platform has the Python of those who ask for none. Tags were looked up where others use them, in
# November 2026; what a tag means is asked of its registry by each plan, which says so where there is none.

bases = [
  { platform = "linux/amd64", python = "3.12", accelerator = "", image = "docker.io/library/python:3.12-slim-bookworm" },
  { platform = "linux/amd64", python = "3.13", accelerator = "", image = "docker.io/library/python:3.13-slim-bookworm" },
  { platform = "linux/amd64", python = "3.11", accelerator = "", image = "docker.io/library/python:3.11-slim-bookworm" },
  { platform = "linux/amd64", python = "3.14", accelerator = "", image = "docker.io/library/python:3.14-slim-bookworm" },
  { platform = "linux/amd64", python = "3.10", accelerator = "", image = "docker.io/library/python:3.10-slim-bookworm" },
  { platform = "linux/amd64", python = "3.9", accelerator = "", image = "docker.io/library/python:3.9-slim-bookworm" },
  { platform = "linux/amd64", python = "conda", accelerator = "", image = "docker.io/library/debian:bookworm-slim" },

  { platform = "linux/arm64", python = "3.12", accelerator = "", image = "docker.io/library/python:3.12-slim-bookworm" },
  { platform = "linux/arm64", python = "3.13", accelerator = "", image = "docker.io/library/python:3.13-slim-bookworm" },
  { platform = "linux/arm64", python = "3.11", accelerator = "", image = "docker.io/library/python:3.11-slim-bookworm" },
  { platform = "linux/arm64", python = "3.14", accelerator = "", image = "docker.io/library/python:3.14-slim-bookworm" },
  { platform = "linux/arm64", python = "3.10", accelerator = "", image = "docker.io/library/python:3.10-slim-bookworm" },
  { platform = "linux/arm64", python = "conda", accelerator = "", image = "docker.io/library/debian:bookworm-slim" },

  { platform = "linux/amd64", python = "3.11", accelerator = "cuda12", image = "docker.io/pytorch/pytorch:2.4.1-cuda12.4-cudnn9-runtime" },
  { platform = "linux/amd64", python = "conda", accelerator = "cuda12", image = "docker.io/nvidia/cuda:12.4.1-runtime-ubuntu22.04" },
]
