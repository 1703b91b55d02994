"""Where the documentation is, for the links in the HTML of estimators."""

DOCS_URL = "https://skmmrec.readthedocs.io/en/latest"


class DocLinkMixin:
    """Lets scikit-learn's diagram of an estimator link to the page of its class.

    Before `BaseEstimator`, which has links of its own. A class of another package gets
    none, whatever it extends.
    """

    _doc_link_module = "skmmrec"
    _doc_link_template = f"{DOCS_URL}/generated/skmmrec.{{estimator_name}}.html"
