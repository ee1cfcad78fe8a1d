envform {
  registry = "oci:./registry"
}

locals {
  sizes = { small = 1, large = 2 }
  list  = ["a", "b"]
}

environment "a" {
  image       = "python:${local.sizes.smal}" # error: Unsupported attribute
  description = local.list[5]               # error: Invalid index
  tags = {
    sum  = "x" + 1                          # error: Invalid operand
    both = true ? [] : { a = 1 }            # error: Inconsistent conditional result types
    keys = local.sizes["large"] == null ? "" : local.list.first # error: Unsupported attribute
  }
}
