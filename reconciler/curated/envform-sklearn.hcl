environment "envform-sklearn" {
  image       = "docker.io/library/python:3.12-slim-bookworm"
  version     = "1"
  description = "scikit-learn with NumPy, SciPy, pandas, Arrow and matplotlib."
  pip = [
    "joblib==1.6.0",
    "matplotlib==3.10.9",
    "numpy==2.2.6",
    "pandas==2.2.3",
    "pyarrow==19.0.1",
    "scikit-learn==1.6.1",
    "scipy==1.18.1",
  ]
}
