"""Settings of Sphinx."""

from skmmrec import __version__

project = "skmmrec"
copyright = "2026, the skmmrec developers"
release = __version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
autosummary_generate = True
numpydoc_show_class_members = False
html_theme = "pydata_sphinx_theme"
exclude_patterns = ["_build", "changelog.d"]
html_title = "skmmrec"
autodoc_default_options = {
    "members": True,
    "inherited-members": "BaseEstimator,TransformerMixin,BaseCrossValidator,_Pipeline",
    "exclude-members": "__init__, set_score_request, set_split_request",
}
