"""The desktop as a source: what the session that nudger runs in tells of the person who sits at it."""
