"""YAML text into frozen settings: every fault at once, each with its file, line and key."""
