"""Requirements made exact: one file for each kind of index. Nothing but ResolutionError leaves this room."""
