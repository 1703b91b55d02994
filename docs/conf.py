"""Settings of Sphinx."""

from skmmrec import __version__

project = "skmmrec"
copyright = "2026, the skmmrec developers"
release = __version__
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
]
autosummary_generate = True
numpydoc_show_class_members = False
html_theme = "pydata_sphinx_theme"
exclude_patterns = ["_build", "changelog.d"]
html_title = "skmmrec"
# signatures stay short: the sections of a docstring tell the types
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "inherited-members": True}


def skip_foreign(app, what, name, obj, skip, options):
    """Methods of scikit-learn are documented there, with links into its own docs."""
    foreign = (getattr(obj, "__module__", None) or "").startswith("sklearn")
    return True if foreign or name == "__init__" else None


def setup(app):
    app.connect("autodoc-skip-member", skip_foreign)
