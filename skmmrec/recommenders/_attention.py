"""Attention over the modalities of items."""

from skmmrec._sklearn import StrOptions
from skmmrec.recommenders._network import NetworkRecommender


class AttentionRecommender(NetworkRecommender):
    """Modalities, or features of them, weighed by attention.

    With "user" (MMAL), each user attends to other modalities. Of the modalities m that
    the item has, with keys k_m = K_m x_m + c_m and values v_m = V_m x_m + d_m,

        a_m ∝ exp(q_u·k_m),    score = p_u·(e_i + Σ_m a_m v_m) + b_i + β·x_i.

    It resembles the component-level attention of Chen et al. (2017), by an inner
    product instead of a perceptron, so that ranking a catalogue stays cheap.

    With "feature" (MMFNet), attention is over features, the same for all users. With
    F_i the dense maps of all modalities and e_i side by side,

        z_i = σ(W₂ ReLU(W₁ F_i)) ⊙ (W F_i + c),    score = p_u·z_i + b_i + β·F_i,

    the attention being that of squeeze-and-excitation (Hu et al. 2018), which FiBiNET
    brought to recommendation. It is an inner product, and as cheap as
    `NeuralRecommender`.

    Parameters
    ----------
    kind : {"user", "feature"}, default="user"
    n_components : int, default=64
        Width of p, e, v and z, and of the map of each modality.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, d)
        With "feature" z_i and the bias; with "user" e_i, the bias, and for each
        modality v_m, k_m and 1, or 0 where it is missing.
    user_factors_ : ndarray of float32 of shape (n_users, d)
        p_u, 1, and with "user" q_u.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    NeuralRecommender : With fusion="attention", attention by what a modality says.
    skmmrec.fusion.AttentionFusion : The same before any recommender.

    References
    ----------
    Chen et al. "Attentive Collaborative Filtering: Multimedia Recommendation with Item-
    and Component-Level Attention", SIGIR 2017, section 4.3. Vaswani et al. "Attention
    Is All You Need", NIPS 2017, equation 1. Hu, Shen, Sun. "Squeeze-and-Excitation
    Networks", CVPR 2018, equation 3. Huang, Zhang, Zhang. "FiBiNET", RecSys 2019,
    section 3.2.

    Examples
    --------
    >>> from skmmrec import AttentionRecommender, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> model = AttentionRecommender("feature", 2, max_iter=9, random_state=0)
    >>> model.fit(X).recommend([3], k=1)
    array([['b']], dtype=object)
    """

    _parameter_constraints = {
        **NetworkRecommender._parameter_constraints,
        "kind": [StrOptions({"user", "feature"})],
    }

    def __init__(
        self,
        kind="user",
        n_components=64,
        *,
        loss="softmax",
        n_negatives=256,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.03,
        learning_rate=0.01,
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
        self.kind = kind

    @property
    def _inner_product(self):
        return self.kind == "feature"

    def _network(self, R, items, columns):
        from skmmrec.recommenders.networks._attention import UserAttention
        from skmmrec.recommenders.networks._branches import dense
        from skmmrec.recommenders.networks._fields import FeatureAttention, FieldNetwork

        d = self.n_components
        if self.kind == "user":
            return UserAttention(*R.shape, columns, d)
        attention = FeatureAttention(len(columns) + 1, d, d)
        return FieldNetwork(*R.shape, dense(columns, d), attention, d)
