envform {
  registry = "oci:./registry"
}

locals {
  one   = local.two # error: Dependency cycle
  two   = local.one
  three = local.three # error: Dependency cycle
}

environment "a" {
  image = environment.b.image # error: Dependency cycle
}

environment "b" {
  image = environment.a.image
}

environment "c" {
  image = environment.c.image # error: Self-referential block
}

environment "d" {
  image = "${local.one}:${local.three}"
  tags  = { wrong = environment.a.nothing } # error: Unsupported attribute
}
