"""Settings of Sphinx."""

from sphinx.util.docutils import SphinxDirective

from skmmrec import __version__, plugins

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
