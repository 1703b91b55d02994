"""A shop that never was: taste is planted in content, so that the truth is known.

Of public data nobody knows why a user took an item. Here each modality carries a chosen
share of the reasons, and what a model, a fusion or an attribution finds can be held
against it.
"""

from collections.abc import Mapping
from numbers import Integral, Real
from pathlib import Path

import numpy as np
from sklearn.utils import check_random_state

from skmmrec._quote import quoted
from skmmrec.data import Interactions
from skmmrec.data._tables import as_object_array
from skmmrec.datasets._shop_picture import draw
from skmmrec.datasets._shop_sound import play
from skmmrec.datasets._shop_table import attributes
from skmmrec.datasets._shop_text import N_THEMES, describe, invented_name
from skmmrec.datasets._shop_truth import plant

_SHARES = {"text": 0.4, "image": 0.3, "audio": 0.2, "tabular": 0.1}

# The least number of events of a user: enough to learn from and to test on.
_LEAST_EVENTS = 5

_FIRST_SECOND = 1_704_067_200  # 2024-01-01, when the shop opens
_YEAR, _WEEK = 365 * 86_400, 7 * 86_400


# -- arguments -----------------------------------------------------------------------


def _check_whole(value, name, low, high, why):
    if not (isinstance(value, Integral) and low <= value <= high):
        raise ValueError(
            f"{name} must be a whole number from {low} to {high}, {why}; "
            f"got {quoted(value)}; choose one between these."
        )


def _check_real(value, name, high):
    if not (isinstance(value, Real) and 0 <= value <= high and value < np.inf):
        span = "of 0 or more" if high == np.inf else f"from 0 to {high}"
        raise ValueError(
            f"{name} must be a number {span}; got {quoted(value)}; choose one of these."
        )


def _check_shares(shares):
    """Shares that sum to 1, in the order of the modalities."""
    shares = _SHARES if shares is None else shares
    if not isinstance(shares, Mapping) or not set(shares) <= set(_SHARES):
        raise ValueError(
            f"shares must be a mapping whose keys are among {list(_SHARES)}; got "
            f"{quoted(shares)}; leave the other modalities out."
        )
    for name, share in shares.items():
        _check_real(share, f"The share of {name}", np.inf)
    total = sum(shares.values())
    if total == 0:
        raise ValueError(
            f"shares must have one above 0; got {quoted(shares)}; "
            f"let at least one modality carry the taste."
        )
    return {name: shares[name] / total for name in _SHARES if name in shares}


def _check_sizes(n_users, n_items, n_events, n_styles):
    _check_whole(n_users, "n_users", 1, 10**7, "one or more")
    _check_whole(n_styles, "n_styles", 2, N_THEMES, "as many as can be told apart")
    least = max(n_styles, _LEAST_EVENTS)
    _check_whole(n_items, "n_items", least, 10**7, "one or more of each style")
    if n_events is None:
        return n_users * max(_LEAST_EVENTS, min(20, n_items // 4))
    low, high = n_users * _LEAST_EVENTS, n_users * n_items
    why = f"{_LEAST_EVENTS} to n_items for each user"
    _check_whole(n_events, "n_events", low, high, why)
    return n_events


# -- chance -------------------------------------------------------------------------


def _streams(random_state):
    """A stream of random numbers for each part of the world.

    With one stream for all, a change of one argument would change everything after it.
    RandomState, as numpy promises never to change the numbers it gives.
    """
    parts = ["names", "popularity", "activity", "choice", "time"]
    for modality in _SHARES:
        parts += [f"{modality} {what}" for what in ("style", "affinity", "content")]
        parts += [f"{modality} missing"]
    random = check_random_state(random_state)
    seeds = random.randint(2**31 - 1, size=len(parts), dtype=np.int64)
    return {part: np.random.RandomState(seed) for part, seed in zip(parts, seeds)}


# -- events --------------------------------------------------------------------------


def _activity(n_users, n_items, n_events, random):
    """Number of events of each user: some have a few, a few have many."""
    weights = random.lognormal(sigma=0.6, size=n_users)
    counts = np.full(n_users, _LEAST_EVENTS)
    while counts.sum() < n_events:
        share = weights * (counts < n_items)
        counts += random.multinomial(n_events - counts.sum(), share / share.sum())
        counts = np.minimum(counts, n_items)  # the rest goes to others, next time round
    return counts


def _choose(truth, counts, noise, random):
    """Items of each user: the top of utility plus Gumbel noise.

    That is drawing without replacement, each time with probability proportional to
    exp(utility / noise). The order is then mixed: the first of them are the best.
    """
    chosen = []
    for user, count in enumerate(counts):
        utility = truth.utilities(slice(user, user + 1))[0]  # (n_items,)
        score = utility + noise * random.gumbel(size=len(utility))
        best = np.argsort(-score, kind="stable")[:count]
        chosen.append(random.permutation(best))
    return np.concatenate(chosen)


def _times(counts, random):
    """Seconds since 1970, rising within each user, who comes in some time of a year."""
    starts = _FIRST_SECOND + random.randint(_YEAR, size=len(counts), dtype=np.int64)
    gaps = random.randint(60, _WEEK, size=counts.sum(), dtype=np.int64)
    elapsed = np.cumsum(gaps)
    first = np.cumsum(counts) - counts
    return np.repeat(starts - elapsed[first], counts) + elapsed


# -- the catalogue -------------------------------------------------------------------


def _content_columns(modality, styles, random):
    """The columns of a modality, nothing missing: dict of str to (n_items,)."""
    if modality == "text":
        return {"description": as_object_array([describe(s, random) for s in styles])}
    if modality == "image":
        return {"picture": as_object_array([draw(s, random) for s in styles])}
    if modality == "audio":
        return {"sound": as_object_array([play(s, random) for s in styles])}
    return attributes(styles, random)


def _remove(column, missing, random):
    """Make a share of the values None, NaN or NaT."""
    gone = random.permutation(len(column))[: round(missing * len(column))]
    column[gone] = None


def _move_to_files(column, identifiers, folder, suffix):
    """Write the media of a column to files, and leave their paths."""
    for row, identifier in enumerate(identifiers):
        if column[row] is not None:
            path = folder / f"{identifier}{suffix}"
            path.write_bytes(column[row])
            column[row] = str(path)


def _catalogue(truth, missing, folder, streams):
    n_items = len(truth.popularity)
    identifiers = [f"sku-{number:04d}" for number in range(n_items)]
    names = [invented_name(streams["names"]) for _ in identifiers]
    items = {"item": np.array(identifiers), "title": as_object_array(names)}
    for modality, styles in truth.styles.items():
        columns = _content_columns(modality, styles, streams[f"{modality} content"])
        for column in columns.values():
            _remove(column, missing, streams[f"{modality} missing"])
        items.update(columns)
    if folder is not None:
        folder = Path(folder).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        for name, suffix in (("picture", ".png"), ("sound", ".wav")):
            if name in items:
                _move_to_files(items[name], identifiers, folder, suffix)
    return items


def make_multimodal_shop(
    n_users=300,
    n_items=400,
    n_events=None,
    *,
    shares=None,
    n_styles=8,
    noise=0.3,
    popularity=0.5,
    missing=0.0,
    folder=None,
    random_state=None,
    return_truth=False,
):
    """Generate a shop whose users choose by text, pictures, sounds and attributes.

    In each modality `m` every item `i` has a style `s`, independent of its styles in
    the others, and every user `u` an affinity `a` to each style. What an item is worth
    to a user is::

        w[u, i] = Σ_m √share[m] · a[u, m, s[i, m]] + p[i]

    where the affinities of a user to the styles of a modality have mean 0 and variance
    1, and the popularity ``p`` is normal. A user takes the items with the highest
    ``w[u, i] + noise · g[u, i]``, where ``g`` is standard Gumbel: items drawn without
    replacement, with probabilities proportional to ``exp(w[u, i] / noise)``.

    The content is really there: readable texts, rendered pictures, synthesised sounds.
    Items of one style look, sound or read alike but are never the same, and content of
    one modality says nothing about the styles in another. Use it to see whether a model
    finds what is there; it says nothing about how good a model is for real shops.

    Parameters
    ----------
    n_users, n_items : int, default=300, 400
    n_events : int, default=None
        Number of events of all users together; every user has at least 5. By default
        20 for each user, fewer where there are less than 80 items.
    shares : dict of str to float, default=None
        Share of the variance of taste that each of the modalities "text", "image",
        "audio" and "tabular" carries; scaled to sum to 1. A modality of share 0 has
        content that nobody's taste depends on, one left out has no content. By default
        0.4, 0.3, 0.2 and 0.1.
    n_styles : int, default=8
        Number of styles of each modality, 2 to 12.
    noise : float, default=0.3
        How much is left to chance; taste has variance 1.
    popularity : float, default=0.5
        Standard deviation of the popularity of the items.
    missing : float, default=0.0
        Share of the values removed from each column of content, 0 to 1.
    folder : str or path, default=None
        Where pictures and sounds are written as files, which then go into the table as
        absolute paths. By default the table has their bytes.
    random_state : int, RandomState instance or None, default=None
        With the same int the shop is the same. Each part has random numbers of its own:
        other shares or more missing values leave styles, affinities and content as
        they were.
    return_truth : bool, default=False
        Whether to return what was planted as well.

    Returns
    -------
    X : Interactions
        Events with the columns ``user`` (int, from 1), ``item`` ("sku-0042") and
        ``time`` (int64, seconds since 1970).

        ``X.items`` is a mapping of name to column: ``item``, ``title`` (a name that
        means nothing), and, of the modalities in `shares`, ``description`` (text),
        ``picture`` (PNG, 96 x 96), ``sound`` (WAV, half a second at 8 kHz),
        ``category`` (text), ``price`` (float64), ``tags`` ("copper|steel|vegan") and
        ``released`` (datetime64[D]). What is missing is None, NaN or NaT.
    truth : ShopTruth
        Styles, affinities and popularity, with which the utilities can be had exactly.
        Only with `return_truth`.

    Raises
    ------
    ValueError
        If a number is out of its range, or a modality is unknown.

    Examples
    --------
    >>> from skmmrec.datasets import make_multimodal_shop
    >>> X = make_multimodal_shop(
    ...     20, 40, shares={"text": 0.7, "tabular": 0.3}, random_state=0
    ... )
    >>> X
    Interactions of 200 events, 20 users, 39 items; table of 40 items
    >>> print(X.items["description"][0])
    Meet a small favourite of our shop. It brings to mind the caravan and the
    sandstone. The sandstone gave it its name, the dune its shape. Think of the
    carousel, the oasis and one dusty afternoon. A good present for a friend.
    """
    shares = _check_shares(shares)
    n_events = _check_sizes(n_users, n_items, n_events, n_styles)
    _check_real(noise, "noise", np.inf)
    _check_real(popularity, "popularity", np.inf)
    _check_real(missing, "missing", 1)
    streams = _streams(random_state)
    truth = plant(n_users, n_items, n_styles, shares, popularity, streams)
    items = _catalogue(truth, missing, folder, streams)
    counts = _activity(n_users, n_items, n_events, streams["activity"])
    events = {
        "user": np.repeat(np.arange(1, n_users + 1), counts),
        "item": items["item"][_choose(truth, counts, noise, streams["choice"])],
        "time": _times(counts, streams["time"]),
    }
    X = Interactions(events, items=items, user="user", item="item", time="time")
    return (X, truth) if return_truth else X
