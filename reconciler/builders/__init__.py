"""Images made from recipes: one file for each way of building. Nothing but BuildError leaves this room."""
