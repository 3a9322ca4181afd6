"""nudger: a gentle break nudger for people with hurting backs."""

__version__ = "0.1.0"
