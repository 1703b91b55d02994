"""One self-contained page: the table, a plot, and what users are offered."""

import io
from html import escape

import numpy as np

from skmmrec._optional import optional_import
from skmmrec.encoders._pictures import open_image
from skmmrec.inspection._data_uris import data_uri

N_USERS, N_ITEMS = 4, 6
THUMBNAIL = (120, 160)

NOTE = (
    "Means over users ± one standard error. New items: a fifth of the items was held "
    "out with all their likes. Known items: a fifth of the other likes of each user "
    "was. Both are ranked among themselves; for all items, the whole catalogue is. "
    "Coverage: share of the items that anyone was offered. Of known items the hybrid "
    "keeps the factors of ALS; new ones seldom come before those that proved popular, "
    "so that they want a shelf of their own, as below."
)

# A title may hold anything, and nothing on the page may come from elsewhere.
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>skmmrec demo</title>
<style>
 body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
        padding: 0 1rem; color: #222; }
 table { border-collapse: collapse; }
 th, td { padding: .35rem .5rem; text-align: right; border-bottom: 1px solid #ddd;
          white-space: nowrap; font-size: .9rem; }
 th[colspan] { text-align: center; }
 td small { display: block; font-weight: 400; }
 th:first-child, td:first-child { text-align: left; }
 tr.best td { font-weight: 600; background: #eef6f0; }
 .scroll { overflow-x: auto; }
 .plot { max-width: 100%; }
 section.user { border-top: 1px solid #ddd; padding: .5rem 0 1.5rem; }
 .items { display: flex; flex-wrap: wrap; gap: .8rem; }
 figure { margin: 0; width: 124px; }
 figure img, figure .none { width: 120px; height: 160px; object-fit: contain;
        background: #f4f4f4; border-radius: 4px; }
 figure .none { display: flex; align-items: center; justify-content: center;
        color: #888; font-size: .8rem; }
 figcaption { font-size: .8rem; line-height: 1.3; overflow-wrap: anywhere; }
 small { color: #666; }
</style></head><body>
"""


def picture_uri(value):
    """A thumbnail as a data URI, or None where there is no picture."""
    if value is None:
        return None
    picture = open_image(value, row=None)
    picture.thumbnail(THUMBNAIL)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return data_uri("image/jpeg", buffer.getvalue())


def item_figure(items, row, caption, picture):
    """One item: picture and title."""
    uri = picture_uri(items[picture][row])
    title = escape(str(items[caption][row]))
    image = f'<img alt="" src="{uri}">' if uri else '<div class="none">no picture</div>'
    return f"<figure>{image}<figcaption>{title}</figcaption></figure>"


def item_row(heading, figures):
    """A heading and some items beside each other."""
    return f'<h4>{heading}</h4><div class="items">{"".join(figures)}</div>'


def user_section(world, train, best, user):
    """What one user liked, and what the best recommender offers: known and new."""
    model = best[-1]
    items = world.X.items
    shown = {"items": items, "caption": world.caption, "picture": world.picture}
    mine = train[train.user_ids == user]
    liked = mine.item_codes[np.argsort(mine.time, kind="stable")][-N_ITEMS:]
    new = np.setdiff1d(np.arange(len(train.item_vocabulary)), train.item_codes)
    ids = train.item_vocabulary.ids
    rows = []
    for heading, candidates in (
        ("is offered", None),
        ("is offered of the new items, which nobody is known to have had", ids[new]),
    ):
        offered = model.recommend([user], k=N_ITEMS, candidates=candidates)[0]
        codes = train.item_vocabulary.codes(offered)
        rows.append((heading, codes[codes >= 0]))
    parts = [("liked last", liked), *rows]
    return "".join(
        [f'<section class="user"><h3>User {escape(str(user))}</h3>']
        + [
            item_row(heading, [item_figure(row=code, **shown) for code in codes])
            for heading, codes in parts
        ]
        + ["</section>"]
    )


def html_cell(mean, error):
    """A mean and, below it, its standard error."""
    below = "" if error is None else f"<small>± {error:.4f}</small>"
    return f"<td>{mean:.4f}{below}</td>"


def html_table(table, metrics):
    """The comparison as an HTML table; the last row is the best hybrid."""
    groups = list(next(iter(table.values())))
    span = len(metrics)
    head = "".join(f'<th colspan="{span}">{escape(group)}</th>' for group in groups)
    second = "".join(f"<th>{escape(m)}</th>" for _ in groups for m in metrics)
    body = ""
    for name, row in table.items():
        cells = "".join(
            html_cell(*row[group][metric]) for group in groups for metric in metrics
        )
        mark = ' class="best"' if name == list(table)[-1] else ""
        body += f"<tr{mark}><td>{escape(name)}</td>{cells}</tr>"
    return (
        f'<div class="scroll"><table><thead><tr><th></th>{head}</tr>'
        f"<tr><th></th>{second}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def plot_uri(table, metric):
    """Bars of one metric for each recommender and group, as a data URI."""
    optional_import("matplotlib", extra="plot")
    from matplotlib.figure import Figure  # no pyplot: no global state, no window

    figure = Figure(figsize=(12, 2.8), layout="constrained")
    groups = list(next(iter(table.values())))
    for axes, group in zip(figure.subplots(1, len(groups), sharey=True), groups):
        means, errors = zip(*(row[group][metric] for row in table.values()))
        colours = ["#b8c4ce"] * (len(table) - 1) + ["#2f7d4f"]
        axes.barh(list(table), means, xerr=errors, color=colours, capsize=4)
        axes.set_title(f"{metric} on {group}")
        axes.invert_yaxis()  # the first recommender on top, as in the table
        axes.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144)
    return data_uri("image/png", buffer.getvalue())


def chosen_users(train):
    """A few users with enough likes to show what they are after."""
    counts = np.bincount(train.user_codes, minlength=len(train.user_vocabulary))
    enough = np.flatnonzero(counts >= N_ITEMS)
    picks = np.random.RandomState(0).permutation(enough)[:N_USERS]
    return train.user_vocabulary.ids[picks]


def write_page(path, world, train, models, table, choice, seconds):
    """Write the page of a finished demo.

    Parameters
    ----------
    path : Path
    world : World
    train : Interactions
        What the models were fitted on.
    models : dict of {str: fitted estimator}
        The last one is the best hybrid.
    table : dict
        Of `compare`.
    choice : str
        What the search chose.
    seconds : float
        How long it took.
    """
    metrics = list(next(iter(next(iter(table.values())).values())))
    best = list(models.values())[-1]
    parts = [
        HEAD,
        f"<h1>skmmrec demo: {escape(world.title)}</h1>",
        f"<p>{len(train):,} likes of {len(train.user_vocabulary):,} users; "
        f"{len(train.item_vocabulary):,} items. Chosen by grid search on held-out "
        f"items: <b>{escape(choice)}</b>. Made in {seconds:.0f} s, offline.</p>",
        html_table(table, metrics),
        f"<p><small>{NOTE}</small></p>",
        f'<img class="plot" alt="Bars of {escape(metrics[0])} for each recommender" '
        f'src="{plot_uri(table, metrics[0])}">',
        "<h2>What the best hybrid offers</h2>",
        *(user_section(world, train, best, user) for user in chosen_users(train)),
        "</body></html>",
    ]
    path.write_text("\n".join(parts), encoding="utf-8")
