envform {
  registry = "oci:./registry"
}

environment "training" {
  image       = "oci:./images:base"
  description = "one\n::error::two\n##[group]three\n```\n@everyone <b>"
  tags        = { "::error::x" = "##vso[task.setvariable]y", "</code>" = "@everyone `x` ```" }
}
