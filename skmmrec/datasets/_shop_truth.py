"""What is planted in a shop: styles of items, and how much users like them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ShopTruth:
    """What was planted in a shop: why its users took what they took.

    Users are in the order of `X.user_vocabulary`, items in the order of `X.items`.

    Parameters
    ----------
    shares : dict of str to float
        Share of the variance of taste of each modality; they sum to 1.
    styles : dict of str to ndarray of int of shape (n_items,)
        Style of each item in each modality.
    affinities : dict of str to ndarray of shape (n_users, n_styles)
        How much each user likes each style; of each user, mean 0 and variance 1.
    popularity : ndarray of shape (n_items,)
        What all users like about an item beyond its content.

    Examples
    --------
    >>> from skmmrec.datasets import make_multimodal_shop
    >>> shares = {"text": 3, "tabular": 1}
    >>> X, truth = make_multimodal_shop(
    ...     10, 48, shares=shares, random_state=0, return_truth=True
    ... )
    >>> truth.shares
    {'text': 0.75, 'tabular': 0.25}
    >>> truth.utilities().shape
    (10, 48)
    """

    shares: dict
    styles: dict
    affinities: dict
    popularity: np.ndarray

    def taste(self, modality, users=slice(None)):
        """The part of the utilities that comes from one modality.

        Parameters
        ----------
        modality : str
        users : slice or array of int, default=slice(None)
            Rows of `affinities`.

        Returns
        -------
        taste : ndarray of shape (n_users, n_items)
        """
        affinities = self.affinities[modality][users]
        return np.sqrt(self.shares[modality]) * affinities[:, self.styles[modality]]

    def utilities(self, users=slice(None)):
        """What each item is worth to each user, before chance comes in.

        Parameters
        ----------
        users : slice or array of int, default=slice(None)
            Rows of `affinities`; all of them make one dense matrix.

        Returns
        -------
        utilities : ndarray of shape (n_users, n_items)
        """
        return self.popularity + sum(self.taste(name, users) for name in self.shares)


def _standard_affinities(n_users, n_styles, random):
    """Normal numbers, of each user shifted and scaled to mean 0 and variance 1.

    Styles are balanced, so that the taste of each user for the catalogue then has
    variance 1 too: the share of a modality holds for every user, not on average.
    """
    affinities = random.standard_normal((n_users, n_styles))
    affinities -= affinities.mean(axis=1, keepdims=True)
    return affinities / affinities.std(axis=1, keepdims=True)


def plant(n_users, n_items, n_styles, shares, popularity, streams):
    """Draw the styles, the affinities and the popularity of a shop.

    Parameters
    ----------
    n_users, n_items, n_styles : int
    shares : dict of str to float
        They sum to 1.
    popularity : float
        Standard deviation of the popularity.
    streams : dict of str to RandomState
        Random numbers for "popularity" and for the "style" and the "affinity" of each
        modality, as in "text style".

    Returns
    -------
    truth : ShopTruth
    """
    balanced = np.arange(n_items) % n_styles
    return ShopTruth(
        shares=shares,
        styles={m: streams[f"{m} style"].permutation(balanced) for m in shares},
        affinities={
            m: _standard_affinities(n_users, n_styles, streams[f"{m} affinity"])
            for m in shares
        },
        popularity=popularity * streams["popularity"].standard_normal(n_items),
    )
