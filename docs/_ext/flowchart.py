"""A directive for decisions: a chart for the eye, and the same as a table with reasons.

Each line of the content is "question | answer | reason", the last one without a
question. The chart is inline SVG in the colours of the theme, and narrow enough for a
telephone.
"""

from html import escape
from textwrap import wrap

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

WIDTH, LINE, GAP, PAD = 380, 17, 26, 9
QUESTION, ANSWER = (0, 178), (214, 166)  # left edge and width
CHARACTERS = {QUESTION: 24, ANSWER: 23}

MARKER = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8Z"/></marker></defs>'
)


def lines_of(text, column):
    """Lines of a box; names keep what tells them from each other."""
    text = text.replace("`", "").replace("Recommender", "").replace("Encoder", "")
    return wrap(text, CHARACTERS[column], break_long_words=False)


def box(text, column, top, height, kind):
    """A frame around lines of text, in the middle of its height."""
    left, width = column
    lines = lines_of(text, column)
    first = top + (height - LINE * len(lines)) / 2 + LINE - 4
    words = "".join(
        f'<tspan x="{left + width / 2}" y="{first + LINE * number:g}">'
        f"{escape(line)}</tspan>"
        for number, line in enumerate(lines)
    )
    return (
        f'<rect class="{kind}" x="{left + 1}" y="{top}" width="{width - 2}" '
        f'height="{height}" rx="6"/><text>{words}</text>'
    )


def arrow(x1, y1, x2, y2, label):
    """A line with a tip, and the word beside it."""
    x, y = (x1 + 7, (y1 + y2) / 2 + 4) if x1 == x2 else ((x1 + x2) / 2 - 2, y1 - 5)
    anchor = "start" if x1 == x2 else "middle"
    return (
        f'<path class="line" marker-end="url(#tip)" d="M{x1} {y1}L{x2} {y2}"/>'
        f'<text class="label" style="text-anchor:{anchor}" x="{x}" y="{y}">'
        f"{label}</text>"
    )


def height_of(question, answer):
    """Of the higher one of the two boxes of a row."""
    lines = [lines_of(question, QUESTION), lines_of(answer, ANSWER)]
    return 2 * PAD + LINE * max(map(len, lines))


def chart(rows, label):
    """Questions down the left side, answers to their right, as SVG."""
    parts, top = [MARKER], 1
    middle = QUESTION[1] / 2
    for question, answer in rows:
        height = height_of(question, answer)
        center = top + height / 2
        if question:
            parts.append(box(question, QUESTION, top, height, "question"))
            parts.append(arrow(QUESTION[1], center, ANSWER[0], center, "yes"))
            parts.append(arrow(middle, top + height, middle, top + height + GAP, "no"))
            parts.append(box(answer, ANSWER, top, height, "answer"))
        else:
            parts.append(box(answer, QUESTION, top, height, "answer"))
        top += height + GAP
    return (
        f'<svg class="flowchart" role="img" aria-label="{escape(label)}" '
        f'viewBox="0 0 {WIDTH} {top - GAP + 1}">{"".join(parts)}</svg>'
    )


class Flowchart(Directive):
    """``.. flowchart:: what the chart is about``, with lines of three parts."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        rows = [[part.strip() for part in line.split("|")] for line in self.content]
        label = f"{self.arguments[0]}: the table below says the same."
        table = [".. list-table::", "   :header-rows: 1", "   :widths: 28 28 44", ""]
        for row in [["if", "try", "because"], *rows]:
            table += [f"   {'-' if i else '* -'} {part}" for i, part in enumerate(row)]
        for number, line in enumerate(table):
            if line.startswith("   - "):
                table[number] = f"     {line.strip()}"
        holder = nodes.container(classes=["decisions"])
        holder += nodes.raw("", chart([row[:2] for row in rows], label), format="html")
        self.state.nested_parse(StringList(table), self.content_offset, holder)
        return [holder]


def setup(app):
    app.add_directive("flowchart", Flowchart)
    return {"parallel_read_safe": True}
