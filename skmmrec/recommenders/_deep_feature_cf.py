"""One weight vector for each user, over features that a network extracts."""

from skmmrec.recommenders._network import NetworkRecommender


class DeepFeatureCFRecommender(NetworkRecommender):
    """A user's weights for the features of items, which are learned along with them.

    A perceptron with one hidden layer for each modality, h_m, makes its features, and
    the item's own vector is one field more (DFMF):

        F_i = [h_1(x_i1), ..., h_M(x_iM), e_i],    ŷ_ui = σ(F_i·R_u + b_i + β·F_i).

    What `predict` returns is the argument of σ, which is in the same order. A modality
    that an item lacks is zeros in F.

    For content whose raw directions are not those of taste. With features as they are,
    in closed form, see `FeatureFactorizationRecommender`.

    Parameters
    ----------
    n_components : int, default=64
        Width of each field.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape \
(n_items, (n_modalities + 1) * n_components + 1)
        F_i, and b_i + β·F_i.
    user_factors_ : ndarray of float32 of shape \
(n_users, (n_modalities + 1) * n_components + 1)
        R_u, and 1.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    FeatureFactorizationRecommender : One weight vector per user over given features.
    MultiTaskRecommender : Multiplies the fields instead.

    References
    ----------
    Van den Oord, Dieleman, Schrauwen. "Deep Content-based Music Recommendation", NIPS
    2013, section 4. Wang, Wang, Yeung. "Collaborative Deep Learning for Recommender
    Systems", KDD 2015 (extractor and factors trained together).

    Examples
    --------
    >>> from skmmrec import DeepFeatureCFRecommender, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> model = DeepFeatureCFRecommender(2, max_iter=9, random_state=0)
    >>> model.fit(X).recommend([3], k=1)
    array([['b']], dtype=object)
    """

    def __init__(
        self,
        n_components=64,
        *,
        loss="softmax",
        n_negatives=256,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.03,
        learning_rate=0.003,
        weight_decay=0.01,
        batch_size=1024,
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

    def _network(self, R, items, columns):
        from torch.nn import Flatten

        from skmmrec.recommenders.networks._branches import towers
        from skmmrec.recommenders.networks._fields import FieldNetwork

        d = self.n_components
        n_out = (len(columns) + 1) * d
        return FieldNetwork(*R.shape, towers(columns, d), Flatten(), n_out)
