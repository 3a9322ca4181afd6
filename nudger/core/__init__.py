"""The pure core: values in, values out.

Nothing in this package reads a clock, a file, a socket, an environment variable or a logger, and it imports only the
standard library. Time arrives as ``now`` (aware UTC), chance as a seed that State carries.
"""
