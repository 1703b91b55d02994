"""Neural collaborative filtering: two towers, or a perceptron over pairs."""

from skmmrec._sklearn import StrOptions
from skmmrec.recommenders._network import NetworkRecommender


class NeuralRecommender(NetworkRecommender):
    """A tower for users, one for items and their content, and a scorer over both.

    An item's vector is its own and that of its modalities, q_i + f(x_i), the score of
    "two_tower" p_u·(q_i + f(x_i)) + b_i + β·f(x_i). That of "ncf" is a product and a
    multilayer perceptron side by side, p_u·q_i + MLP([p'_u, q'_i]), with vectors of
    their own and content in those of the items. Trained with the softmax over all items
    (``n_negatives`` as large as the catalogue), "two_tower" is the network of
    tutorials that joins the embeddings of several branches before a dense softmax.

    A perceptron over pairs costs a hundred times an inner product, in training and
    in ranking, and seldom pays (Rendle 2020): "two_tower" is the one to begin with.

    Parameters
    ----------
    n_components : int, default=64
        Width of the vectors.
    scorer : {"two_tower", "ncf"}, default="two_tower"
    fusion : {"concat", "gated", "attention"}, default="concat"
        How the modalities meet: a linear map of all; weighted by gates that see all; or
        each by what it says itself. A modality that an item lacks takes no part.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, d)
        With "ncf", q_i and what the first layer of the perceptron makes of q'_i.
    user_factors_ : ndarray of float32 of shape (n_users, d)
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    VBPRRecommender : Tastes in content apart from those in items.
    LightGCNRecommender : Vectors smoothed over the graph of users and items.

    References
    ----------
    Covington, Adams, Sargin. "Deep Neural Networks for YouTube Recommendations", RecSys
    2016, section 3 (softmax). Yi et al. "Sampling-Bias-Corrected Neural Modeling for
    Large Corpus Item Recommendations", RecSys 2019 (two towers, log q). He et al.
    "Neural Collaborative Filtering", WWW 2017, equation 12. Rendle et al. "Neural
    Collaborative Filtering vs. Matrix Factorization Revisited", RecSys 2020.

    Examples
    --------
    >>> from skmmrec import Interactions, NeuralRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> NeuralRecommender(2, max_iter=9, random_state=0).fit(X).recommend([3], k=1)
    array([['b']], dtype=object)
    """

    _parameter_constraints = {
        **NetworkRecommender._parameter_constraints,
        "scorer": [StrOptions({"two_tower", "ncf"})],
        "fusion": [StrOptions({"concat", "gated", "attention"})],
    }

    def __init__(
        self,
        n_components=64,
        *,
        scorer="two_tower",
        fusion="concat",
        loss="softmax",
        n_negatives=1024,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.1,
        learning_rate=0.01,
        weight_decay=1.0,
        batch_size=2048,
        max_iter=100,
        validation_fraction=0.1,
        n_iter_no_change=5,
        refit=True,
        device=None,
        verbose=False,
        random_state=None,
    ) -> None:
        super().__init__(
            n_components,
            loss=loss,
            n_negatives=n_negatives,
            negative_power=negative_power,
            id_dropout=id_dropout,
            alpha=alpha,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            batch_size=batch_size,
            max_iter=max_iter,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            refit=refit,
            device=device,
            verbose=verbose,
            random_state=random_state,
        )
        self.scorer = scorer
        self.fusion = fusion

    @property
    def _inner_product(self):
        return self.scorer == "two_tower"

    def _network(self, R, items, columns):
        from skmmrec.recommenders.networks._neural import NeuralCF, TwoTower

        make = TwoTower if self._inner_product else NeuralCF
        return make(*R.shape, columns, self.n_components, self.fusion)
