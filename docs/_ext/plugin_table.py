"""``.. plugin-table:: KIND``: what our components can do, as their tags say."""

from sphinx.util.docutils import SphinxDirective

from skmmrec import plugins


class PluginTable(SphinxDirective):
    """A row for each component of a kind, read at each build."""

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
    """Called by Sphinx."""
    app.add_directive("plugin-table", PluginTable)
    return {"parallel_read_safe": True}
