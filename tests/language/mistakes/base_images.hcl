envform {
  registry = "oci:./registry"
}

base_image "release" {
  debian   = "bookwrm" # error: Unknown release of Debian
  packages = ["python3"]
}

base_image "package" {
  debian   = "bookworm"
  packages = ["Python 3"] # error: Invalid Debian package
}

base_image "empty" {
  debian   = "bookworm"
  packages = [] # error: Argument without effect
}

base_image "unknown" {
  debian      = "trixie"
  packages    = ["python3"]
  from_mirror = "http://mirror.test" # error: Unsupported argument
}

base_image "twice" {
  debian   = "sid"
  packages = ["python3", "python3"] # error: Duplicate Debian package
}
