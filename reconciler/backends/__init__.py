"""Where state is kept: one file for each kind of place. Nothing but StateError leaves this room."""
