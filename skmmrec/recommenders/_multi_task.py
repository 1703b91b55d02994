"""Towers that several tasks share: which items a user takes, and how they are rated."""

from numbers import Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmmrec._quote import quoted
from skmmrec._sklearn import Interval
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._held_out import stored
from skmmrec.recommenders._network import NetworkRecommender


def _number(X, name):
    """A column of events as float64, NaN where unknown, and whether it is yes or no."""
    column = X[name]
    if column.dtype.kind not in "biuf":
        raise ValueError(
            f"signals must be columns of numbers or booleans; got {quoted(name)} of "
            f"{column.dtype}; convert it, with NaN where it is unknown."
        )
    return column.astype(np.float64), column.dtype.kind == "b"


class _Scale:
    """To mean 0 and variance 1, and back; a flag to 0 and 1, and its log-odds back."""

    def __init__(self, values, is_flag):
        known = values[np.isfinite(values)]
        self.is_flag = is_flag
        self.mean = known.mean() if len(known) and not is_flag else 0.0
        self.scale = (known.std() if len(known) and not is_flag else 1.0) or 1.0

    def __call__(self, values):
        return (values - self.mean) / self.scale

    def back(self, outputs):
        if self.is_flag:
            return 1 / (1 + np.exp(-outputs))
        return self.mean + self.scale * outputs


class MultiTaskRecommender(NetworkRecommender):
    """Shared towers, and a head for each signal: ratings beside clicks.

    A perceptron for each modality makes a tower t_m(x_im), and the item's own vector
    e_i is one more. They are multiplied, and with the user's factors (MTMF):

        z_i = (1 + t_1(x_i1)) ⊙ ... ⊙ (1 + t_M(x_iM)) ⊙ (1 + e_i) - 1,
        ŷ_ui = σ(Σ_k p_uk z_ik + b_i + β·F_i).

    A factor is around 1, and exactly that where the modality is missing: it takes no
    part. The last 1 is taken off since it changes no ranking, such that an item of
    which nothing is known has a vector of zeros. What `predict` returns is the argument
    of σ, which is in the same order. Each signal s of an event has a head, w_s·(p_u ⊙
    (1 + z_i)) + a_s (b_i + β·F_i) + c_s, trained beside the events: by squared error,
    or, where it is yes or no, by cross-entropy.

    For events that tell more than that they happened: stars, the time spent, whether
    it was sent back. Where all events are alike, `DeepFeatureCFRecommender` has the
    same towers.

    Parameters
    ----------
    n_components : int, default=64
        Width of the towers and of the users' factors.
    signals : list of str, default=None
        Columns of the events, numbers or booleans, NaN where unknown. Those that are
        named are learned from all events, also from such as are no likes: the column
        `rating` of the Interactions may then be 1 for a like and 0 for none. None is
        the rating itself, if there is one, of those above 0.
    signal_weight : float, default=0.3
        Weight of the losses of the heads; that of the events is 1. Numbers have
        variance 1 there.
    loss, n_negatives, negative_power, id_dropout, alpha, learning_rate, weight_decay, \
batch_size, max_iter, validation_fraction, n_iter_no_change, refit, device, verbose, \
random_state
        The training, as in `NetworkRecommender`.

    Attributes
    ----------
    signals_ : list of str
    item_factors_ : ndarray of float32 of shape (n_items, n_components + 1)
        z_i, and b_i + β·F_i.
    user_factors_ : ndarray of float32 of shape (n_users, n_components + 1)
        p_u, and 1.
    network_, validation_scores_, n_iter_, item_vocabulary_, user_vocabulary_, seen_
        As in `NetworkRecommender`.

    See Also
    --------
    DeepFeatureCFRecommender : Towers side by side, and one task.

    References
    ----------
    Caruana. "Multitask Learning", Machine Learning 28, 1997 (shared layers, a head for
    each task). Hidasi, Tikk. "Fast ALS-Based Tensor Factorization for Context-Aware
    Recommendation from Implicit Feedback", ECML PKDD 2012, equation 1 (product of
    several factors).

    Examples
    --------
    >>> from skmmrec import Interactions, MultiTaskRecommender
    >>> X = Interactions(
    ...     {"user": [1, 1, 2, 2, 3], "item": list("ababa"), "stars": [5, 1, 5, 1, 5]},
    ...     rating="stars",
    ... )
    >>> model = MultiTaskRecommender(
    ...     2, alpha=0, learning_rate=0.03, validation_fraction=0, random_state=0
    ... ).fit(X)
    >>> model.predict_signals({"user": [3], "item": ["b"]})["stars"].round()
    array([1.])
    """

    _parameter_constraints = {
        **NetworkRecommender._parameter_constraints,
        "signals": [list, tuple, None],
        "signal_weight": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        n_components=64,
        *,
        signals=None,
        signal_weight=0.3,
        loss="softmax",
        n_negatives=256,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.1,
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
        self.signals = signals
        self.signal_weight = signal_weight

    def _learn(self, X, likes):
        told, self.signals_ = X, self.signals
        if self.signals is None:  # a dislike teaches nothing that is not asked for
            told, rating = X[X.weights > 0], X.names["rating"]
            self.signals_ = [rating] if rating else []
        columns = [_number(told, name) for name in self.signals_]
        self._scales = [_Scale(*column) for column in columns]
        values = [scale(values) for scale, (values, _) in zip(self._scales, columns)]
        values = np.reshape(values, (-1, len(told))).T
        self._events = (*self._codes_of(told), values, likes)
        super()._learn(X, likes)
        del self._events

    def _network(self, R, items, columns):
        import torch

        from skmmrec.recommenders.networks._multi_task import MultiTask, Signals

        users, codes, values, likes = self._events
        # a like that is held out is held out as a signal, too
        held = stored(likes, users, codes) & ~stored(R, users, codes)
        signals = Signals(
            torch.as_tensor(users[~held].astype(np.int64)),
            torch.as_tensor(codes[~held].astype(np.int64)),
            torch.as_tensor(values[~held].astype(np.float32)),
            [scale.is_flag for scale in self._scales],
        )
        d, weight = self.n_components, self.signal_weight
        return MultiTask(*R.shape, columns, d, items, signals, weight)

    def predict_signals(self, X):
        """What the heads expect of each event.

        Parameters
        ----------
        X : Interactions, data frame or array
            As in `predict`.

        Returns
        -------
        signals : dict of {str: ndarray of float64 of shape (n_events,)}
            In the unit of each signal; probabilities where it is yes or no.
        """
        check_is_fitted(self)
        if not self.signals_:
            return {}
        X = self._check(X, reset=False)
        (U, users), (V, items) = self._sides(X)
        W, c = (part.detach().numpy() for part in self.network_.heads.parameters())
        outputs = np.empty((len(X), len(W)))
        for rows in blocks_of_rows(len(X), 2 * U.shape[1]):
            outputs[rows] = (U[users[rows]] * (1 + V[items[rows]])) @ W.T + c
        return {
            name: scale.back(column)
            for name, scale, column in zip(self.signals_, self._scales, outputs.T)
        }
