envform {
  registry = "oci:./registry"
}
environment "training" {
  image = "oci:./images:python"
  pip = ["./wheels/alpha-1.0-py3-none-any.whl", "./wheels/beta-2.0-py3-none-any.whl"]
}
environment "scoring" {
  image = "oci:./images:python"
  pip = ["./wheels/alpha-1.0-py3-none-any.whl"]
}
