# Read without being asked for; -var, -var-file and *.auto.vars.hcl win over it.
teams = {
  language = "cpu"
  vision   = "gpu"
}
