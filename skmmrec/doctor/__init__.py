"""What of this installation works: ``skmmrec doctor``."""

from skmmrec.doctor._report import run_doctor

__all__ = ["run_doctor"]
