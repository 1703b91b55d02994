"""The whole way once, offline: ``skmmrec demo``."""

from skmmrec.demo._run import run_demo

__all__ = ["run_demo"]
