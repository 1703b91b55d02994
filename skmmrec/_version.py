"""The version, in a file that the build can read without importing numpy."""

__version__ = "0.1.0.dev0"
