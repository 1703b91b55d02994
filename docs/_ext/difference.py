"""A directive that shows what changes from one script to another."""

from difflib import unified_diff
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive


class Difference(Directive):
    """``.. difference:: BEFORE AFTER``, files beside the page; all lines are shown."""

    required_arguments = 2

    def run(self):
        page = Path(self.state.document.current_source)
        scripts = [page.parent / name for name in self.arguments]
        self.state.document.settings.record_dependencies.add(*map(str, scripts))
        before, after = (script.read_text().splitlines() for script in scripts)
        # without its three lines of a header
        lines = list(unified_diff(before, after, n=len(before), lineterm=""))[3:]
        text = "\n".join(lines)
        return [nodes.literal_block(text, text, language="diff")]


def setup(app):
    app.add_directive("difference", Difference)
    return {"parallel_read_safe": True}
