"""Settings of Sphinx."""

import sys
from importlib.util import find_spec
from pathlib import Path

from skmmrec import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "skmmrec"
copyright = "2026, the skmmrec developers"
release = __version__
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
    "numpydoc",
    "myst_parser",
    "difference",
    "flowchart",
    "plugin_table",
    "sphinx_gallery.gen_gallery",
]
autosummary_generate = True
# single backticks in docstrings and pages are names, with a link where there is a page
default_role = "py:obj"
# of parameters and of other packages, whose pages cannot be reached from here
nitpick_ignore_regex = [("py:obj", ".*"), ("py:class", r"(numpy|sklearn)\..*")]
numpydoc_show_class_members = False
exclude_patterns = ["_build", "changelog.d"]
# signatures stay short: the sections of a docstring tell the types
autodoc_typehints = "none"

# Examples run where what they need is installed; elsewhere they are shown alone.
NEEDS = {"02": "lightfm", "05": "av", "10": "torch", "20": "lightfm", "21": "faiss"}
NEEDS |= {"03": "pandas", "22": "fastapi httpx2"}
ABSENT = [n for n, names in NEEDS.items() if not all(map(find_spec, names.split()))]
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": "FileNameSortKey",
    "filename_pattern": rf"plot_(?!{'|'.join(ABSENT) or '$'})",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("skmmrec",),
    "reference_url": {"skmmrec": None},
    "write_computation_times": False,
    "remove_config_comments": True,
    "show_signature": False,
}
autodoc_default_options = {"members": True, "inherited-members": True}

html_theme = "pydata_sphinx_theme"
html_title = "skmmrec"
html_static_path = ["_static"]
html_css_files = ["skmmrec.css"]
html_theme_options = {
    # nothing of a page is fetched from elsewhere
    "logo": {"text": "skmmrec"},
    "header_links_before_dropdown": 6,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {
    page: []
    for page in ("index", "choosing", "coming_from", "from_sklearn", "glossary")
}
html_show_sourcelink = False


def skip_foreign(app, what, name, obj, skip, options):
    """Methods of scikit-learn are documented there, with links into its own docs."""
    foreign = (getattr(obj, "__module__", None) or "").startswith("sklearn")
    return True if foreign or name == "__init__" else None


def add_examples(app, what, name, obj, options, lines):
    """Links to the examples that use a class or function, below its reference."""
    found = Path(app.srcdir) / "generated/backreferences" / f"{name}.examples"
    if what in ("class", "function") and found.exists() and found.stat().st_size:
        lines += ["", ".. rubric:: In the gallery", "", f".. minigallery:: {name}", ""]


def setup(app):
    app.connect("autodoc-skip-member", skip_foreign)
    # after numpydoc, which would take it for a part of a section
    app.connect("autodoc-process-docstring", add_examples, priority=900)
