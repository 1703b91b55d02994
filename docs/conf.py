"""Settings of Sphinx."""

from importlib.util import find_spec
from pathlib import Path

from skmmrec import __version__

project = "skmmrec"
copyright = "2026, the skmmrec developers"
release = __version__
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
]
autosummary_generate = True
numpydoc_show_class_members = False
html_theme = "pydata_sphinx_theme"
exclude_patterns = ["_build", "changelog.d"]

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
html_title = "skmmrec"
autodoc_default_options = {"members": True, "inherited-members": True}


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
