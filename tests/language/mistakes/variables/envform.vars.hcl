size  = "large" # error: Invalid value for input variable
sizes = [1, "x"] # error: Invalid value for input variable
kind  = upper("a" # error: Unbalanced brackets
