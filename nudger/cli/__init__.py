"""The command line. `main` gathers the commands, one module for each section of `nudger --help`; `client` talks to the
daemon; `foreground`, `live`, `keyboard` and `screen` are `nudger run` at a terminal; `signal_trial` and
`signal_verdict` are the handshake with a sensor; `look` and `findings` are how `nudger ha signals` listens, and what it
says.
"""
