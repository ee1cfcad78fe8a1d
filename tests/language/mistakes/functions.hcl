envform {
  registry = "oci:./registry"
}

environment "a" {
  image       = uper("python:3.12")                    # error: Call to unknown function
  description = timestamp()                            # error: Impure function
  tags        = { a = upper("x", "y"), b = lower() }   # error: Too many function arguments | Not enough function arguments
  platform    = true ? "linux/amd64" : slugify("x")    # error: Call to unknown function
}
