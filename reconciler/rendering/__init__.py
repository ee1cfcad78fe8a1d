"""Plans, events and diagnostics become text. Pure: strings out, nothing printed."""
