"""Renders the picture of the start page, with the code of the start page.

python docs/pictures.py
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from skmmrec.encoders._pictures import open_image  # noqa: E402
from tests._docs import blocks  # noqa: E402

GREY = "#888888"  # legible on white and on black


def held_out(X):
    """All events but those of every sixth item, and these items."""
    new = np.arange(len(X.item_vocabulary)) % 6 == 0
    return X[~new[X.item_codes]], X.item_vocabulary.ids[new]


def main():
    names = {}
    exec(blocks(HERE / "index.rst", "python")[0], names)
    X, new = held_out(names["X"])
    model = names["search"].best_estimator_.fit(X)
    users = [3, 8, 21]
    offered = model.recommend(users, k=4, candidates=new)
    figure, axes = plt.subplots(3, 9, figsize=(9, 3.4), layout="constrained")
    for row, user in enumerate(users):
        mine = X[X.user_ids == user]
        liked = mine.item_codes[np.argsort(mine.time)][-4:]
        codes = [*liked, None, *X.item_vocabulary.codes(offered[row])]
        for ax, code in zip(axes[row], codes):
            ax.axis("off")
            if code is not None and X.items["picture"][code] is not None:
                ax.imshow(open_image(X.items["picture"][code], row=None))
        axes[row, 4].text(
            0.5,
            0.5,
            "\N{RIGHTWARDS ARROW}",
            color=GREY,
            fontsize=22,
            ha="center",
            va="center",
        )
    axes[0, 1].set_title("liked last", color=GREY, loc="right")
    axes[0, 6].set_title("offered, all new", color=GREY, loc="right")
    figure.savefig(HERE / "_static" / "offered.png", dpi=110, transparent=True)


if __name__ == "__main__":
    main()
