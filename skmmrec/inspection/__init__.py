"""Looking into a fitted recommender: what it does, and for whom it does it well."""

from skmmrec.inspection._presence import presence_report

__all__ = ["presence_report"]
