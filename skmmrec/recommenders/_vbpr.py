"""Visual Bayesian personalised ranking, for any modalities."""

from skmmrec.recommenders._network import NetworkRecommender


class VBPRRecommender(NetworkRecommender):
    """Matrix factorisation with a second inner product, of tastes and content.

    The score of user u and item i with content f_i (pictures in the paper, here all
    modalities, each reduced to 128 principal components) is

        b_i + γ_u·γ_i + θ_u·(E f_i) + β·f_i.

    A small and solid network, where content says something about tastes. The loss of
    the paper is ``loss="bpr"`` with ``negative_power=0``; the softmax takes fewer
    epochs. Without content, `ALSRecommender` is the faster factorisation.

    Parameters
    ----------
    n_components : int, default=64
        Width of γ, and of θ.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, 2 * n_components + 1)
        γ_i, E f_i, and b_i + β·f_i.
    user_factors_ : ndarray of float32 of shape (n_users, 2 * n_components + 1)
        γ_u, θ_u, and 1.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    ALSRecommender : Closed form.
    LightGCNRecommender : Vectors smoothed over the graph of users and items.

    References
    ----------
    He, McAuley. "VBPR: Visual Bayesian Personalized Ranking from Implicit Feedback",
    AAAI 2016, equations 4 and 7.

    Examples
    --------
    >>> from skmmrec import Interactions, VBPRRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> VBPRRecommender(2, max_iter=9, random_state=0).fit(X).recommend([3], k=1)
    array([['b']], dtype=object)
    """

    def _network(self, R, items, columns):
        from skmmrec.recommenders.networks._vbpr import VBPR

        return VBPR(*R.shape, columns, self.n_components)
