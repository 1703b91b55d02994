"""Attributes of invented products, as a shop keeps them in a table.

A tabular style shares its category, level of price, materials and season with other
styles: each attribute alone leaves several styles open, together they leave one.
"""

import numpy as np

_CATEGORIES = ("everyday", "gifts", "outdoor", "studio")
_PRICES = (12.0, 35.0, 100.0)  # medians of the three levels
_MATERIALS = (
    ("cotton", "linen", "wool"),
    ("oak", "bamboo", "cork"),
    ("glass", "ceramic", "marble"),
    ("brass", "copper", "steel"),
)
_QUALITIES = ("bestseller", "handmade", "limited", "recycled", "vegan")
_SEASONS = ("2018-06-01", "2021-06-01")

# The part of the products that have a category or a material of another style.
_STRAY = 0.15


def _category(style, random):
    own = style % 4 if random.uniform() >= _STRAY else random.randint(4)
    return _CATEGORIES[own]


def _price(style, random):
    return round(_PRICES[style % 3] * float(np.exp(random.normal(0.0, 0.35))), 2)


def _tags(style, random):
    """Two materials and a quality, in the order of the alphabet."""
    own = style // 3 if random.uniform() >= _STRAY else random.randint(4)
    materials = random.permutation(_MATERIALS[own])[:2].tolist()
    quality = _QUALITIES[random.randint(len(_QUALITIES))]
    return "|".join(sorted([*materials, quality]))


def _released(style, random):
    days = int(random.normal(0.0, 240.0))
    return np.datetime64(_SEASONS[style % 2], "D") + days


def attributes(styles, random):
    """The columns of a table.

    Parameters
    ----------
    styles : ndarray of int of shape (n_items,)
    random : RandomState

    Returns
    -------
    columns : dict of str to ndarray of shape (n_items,)
        category and tags (objects), price (float64), released (datetime64[D]).
    """
    return {
        "category": np.array([_category(s, random) for s in styles], dtype=object),
        "price": np.array([_price(s, random) for s in styles]),
        "tags": np.array([_tags(s, random) for s in styles], dtype=object),
        "released": np.array([_released(s, random) for s in styles]),
    }
