# LightGBM's wheels use the libgomp of the system, which the slim images do not have.
environment "envform-boosting" {
  image       = "docker.io/library/python:3.12-bookworm"
  version     = "1"
  description = "Gradient boosting on CPUs: LightGBM and XGBoost with scikit-learn and pandas."
  pip = [
    "lightgbm==4.7.0",
    "numpy==2.2.6",
    "pandas==2.2.3",
    "scikit-learn==1.6.1",
    "xgboost-cpu==3.4.1",
  ]
}
