"""What keeps people out of data, texts and models that are handed on."""

from skmmrec.privacy._redact import redact_personal_data

__all__ = ["redact_personal_data"]
