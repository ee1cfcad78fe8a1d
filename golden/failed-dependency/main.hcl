envform {
  registry = "oci:./registry"
}
environment "fine" {
  image = "oci:./images:python"
}
environment "broken" {
  image = "oci:./images:python"
  pip = ["./wheels/alpha-1.0-py3-none-any.whl", "./wheels/clash-1.0-py3-none-any.whl"]
}
environment "app" {
  image = environment.broken.image
}
environment "on-app" {
  image = environment.app.image
}
environment "also-fine" {
  image = "oci:./images:python"
  pip = ["./wheels/alpha-1.0-py3-none-any.whl"]
}
