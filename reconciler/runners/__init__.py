"""Jobs run in environments: one file for each kind of machine. Nothing but RunError leaves this room."""
