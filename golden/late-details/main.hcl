envform {
  registry = "oci:./registry"
}
environment "base" {
  image = "oci:./images:python"
  pip   = ["./wheels/alpha-1.0-py3-none-any.whl", "./wheels/beta-1.0-py3-none-any.whl"]
}
data "environment" "base" {
  name = environment.base.name
}
environment "report" {
  image       = "oci:./images:python"
  description = "Made for ${data.environment.base.digest}."
  tags = {
    base = data.environment.base.version
    by   = "hand"
  }
  environment_variables = { BASE_DIGEST = environment.base.digest }
}
