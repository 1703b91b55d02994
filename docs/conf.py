"""Settings of Sphinx."""

import sys
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

from skmmrec import __version__, plugins

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
    "flowchart",
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


class PluginTable(SphinxDirective):
    """``.. plugin-table:: KIND``: what our components can do, read at each build."""

    required_arguments = 1

    def run(self):
        table = plugins.table(self.arguments[0])
        listed = [["name", "extra", "can, or looks at"]]
        for row in zip(*table.values()):
            row = dict(zip(table, row))
            if row["package"] == "skmmrec":
                link = f":obj:`{row['name']} <skmmrec.{row['component']}>`"
                listed.append([link, row["extra"], ", ".join(row["can"])])
        cells = ["   * - " + "\n     - ".join(row) for row in listed]
        text = "\n".join([".. list-table::", "   :header-rows: 1", "", *cells])
        return self.parse_text_to_nodes(text)


def setup(app):
    app.add_directive("plugin-table", PluginTable)
    app.connect("autodoc-skip-member", skip_foreign)
