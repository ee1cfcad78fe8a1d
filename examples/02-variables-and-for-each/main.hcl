# Several environments from one block: variables with a file of values, locals, for_each, a reference from one
# environment to another, defaults, lifecycle rules and a check. Try `envform plan -var 'teams={vision="gpu"}'`.

envform {
  registry = "oci:./registry"

  defaults {
    tags = {
      managed_by = "envform"
    }
  }
}

variable "teams" {
  type        = map(string)
  description = "For each team, the kind of machine that it trains on."

  validation {
    condition     = alltrue([for kind in values(var.teams) : contains(["cpu", "gpu"], kind)])
    error_message = "A kind of machine is cpu or gpu."
  }
}

variable "image" {
  type        = string
  default     = "oci:./images:base"
  description = "What every environment stands on."
}

locals {
  owner = "platform"
}

environment "base" {
  image       = var.image
  description = "Looked after by ${local.owner}."

  lifecycle {
    prevent_destroy = true
  }
}

# `environment.base.image` is known while planning, so base and teams are planned, and applied, in one go.
environment "training" {
  for_each    = var.teams
  name        = "training-${each.key}"
  image       = environment.base.image
  description = "Stands on ${environment.base.name}:${environment.base.version}."

  tags = {
    team    = each.key
    machine = each.value
  }

  lifecycle {
    ignore_changes = [description]

    precondition {
      condition     = length(each.key) <= 20
      error_message = "The team ${each.key} needs a shorter name."
    }
  }
}

check "platform" {
  assert {
    condition     = alltrue([for one in environment.training : one.platform == environment.base.platform])
    error_message = "Training has another platform than what it stands on."
  }
}
