"""What an encoder and a recommender of a plug-in cost, and the checks they get for it.

    PYTHONPATH=examples/plugin python benchmarks/plugin_template.py

Prints a table: lines of code of the template in examples/plugin (without docstrings,
comments, blank lines and imports), and the checks of its one test, scikit-learn's and
ours.
"""

import ast
import inspect

from skmmrec_plugin import CoOccurrenceRecommender, PunctuationEncoder

from skmmrec.testing import estimator_checks


def lines_of_code(component):
    """Lines of a class that hold code."""
    (tree,) = ast.parse(inspect.getsource(component)).body
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    return len(ast.unparse(tree).splitlines()) - ast.unparse(tree).count("\n\n")


def n_checks(component):
    """Numbers of checks of scikit-learn and of ours."""
    n_ours = len(list(estimator_checks(component(), sklearn=False)))
    return len(list(estimator_checks(component()))) - n_ours, n_ours


def main():
    line = "=" * 25 + "  " + "=" * 13 + "  " + "=" * 12 + "  " + "=" * 6
    print(line)
    print(f"{'class':25}  lines of code  scikit-learn  ours")
    print(line)
    for component in (PunctuationEncoder, CoOccurrenceRecommender):
        row = lines_of_code(component), *n_checks(component)
        print("{:25}  {:13}  {:12}  {:6}".format(component.__name__, *row))
    print(line)


if __name__ == "__main__":
    main()
