"""What the networks share: content in, one training, two matrices out."""

import copy
from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state

from skmmrec._base import BaseRecommender
from skmmrec._optional import optional_import
from skmmrec._progress import progress
from skmmrec._projection import BlockProjection
from skmmrec._sklearn import Interval, StrOptions
from skmmrec._torch import one_thread, pick_device
from skmmrec._vectors import paired
from skmmrec.data import FeatureTable
from skmmrec.ranking import blocks_of_rows
from skmmrec.recommenders._held_out import stored
from skmmrec.recommenders._ridge_map import RidgeMap
from skmmrec.recommenders._sampling import PopularitySampler, hold_out_events

# Principal components of each block that a network sees.
MAX_WIDTH = 128

# Length of the lists that an epoch is judged by.
K = 20


def _mean_rows(H, factors):
    """Weighted mean of the factors that each row of H names, (n, d)."""
    totals = np.asarray(H.sum(axis=1))[:, None]
    return (H @ factors) / np.maximum(totals, 1e-9)


class NetworkRecommender(BaseRecommender):
    """Base class of the networks: one training, and the vectors that it leaves.

    A network gives each user and each item a vector. It is trained on mini-batches of
    events, until held-out events are ranked no better; its vectors then serve without
    torch where the score is their inner product. Items without events are placed by
    their content, new users by a ridge regression from the mean vector of the items
    they had to their own. Needs the extra `neural`.

    A subclass writes `_network(R, items, columns)`, which returns a
    `skmmrec.recommenders.networks.Network` for the events R, csr (n_users, n_items),
    all `Items` of the catalogue and the columns of each modality in their content; only
    there it imports torch. Where the score is not the inner product, it sets
    `_inner_product` to False, and the `similarity` of the network is used. It may
    replace `_learn_inputs` and `_inputs`, how a `FeatureTable` becomes content, and
    `_examples`, what an epoch goes through.

    Parameters
    ----------
    n_components : int, default=64
        Width of the vectors.
    loss : {"softmax", "bpr"}, default="softmax"
        "softmax" tells the item of an event from all others, by a sample of these with
        scores corrected by log q; "bpr" ranks it above one other.
    n_negatives : int, default=1024
        With "softmax", items drawn for all events of a step. As many as there are
        items, or more, takes each once: the exact softmax.
    negative_power : float, default=0.75
        Negatives are drawn with q ∝ (number of events)^negative_power; with 0, all
        alike. The softmax only converges faster with a good one; with "bpr", the larger
        it is, the less are popular items preferred.
    id_dropout : float, default=0.1
        Probability that an item with content is known by that alone in a step, such
        that content suffices for new items.
    alpha : float, default=0.1
        L2 penalty on the vectors of the user and the item of an event: what keeps a
        network from learning few events by heart. With "bpr" take a tenth of it.
    learning_rate : float, default=0.01
        Of Adam.
    weight_decay : float, default=0.01
        How strongly all weights are drawn to zero in a step, apart from the loss.
    batch_size : int, default=2048
        Events in a step; take a smaller one for a few thousand events.
    max_iter : int, default=100
        Epochs, at most.
    validation_fraction : float, default=0.1
        Share of the events held out to judge each epoch by NDCG@20, for at most 2048
        users; 0 runs all epochs.
    n_iter_no_change : int, default=5
        Epochs without a better one before the training ends.
    refit : bool, default=True
        Train again on all events, for the best number of epochs. False keeps the
        weights of the best epoch, and saves half the time.
    device : str, default=None
        Such as "cpu" or "cuda"; None takes a GPU if there is one.
    verbose : bool, default=False
        Show the progress.
    random_state : int, RandomState instance or None, default=None
        An int gives the same model each time, on one kind of processor.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, d)
    user_factors_ : ndarray of float32 of shape (n_users, d)
    network_ : torch.nn.Module
        On the CPU.
    validation_scores_ : list of float
        NDCG@20 after each epoch; empty where nothing could be held out.
    n_iter_ : int
        Epochs that the model was trained for.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of the factors.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ImportError
        In fit, if torch is not installed.
    ValueError
        In fit, if the loss becomes infinite.

    Notes
    -----
    On the CPU, torch runs in one thread: steps are small, the result is the same
    whatever the number of cores, and several fits run well beside each other.

    References
    ----------
    For the losses see `skmmrec.recommenders.networks.Trainer`. Volkovs, Yu, Poutanen.
    "DropoutNet: Addressing Cold Start in Recommender Systems", NIPS 2017, section 4
    (`id_dropout`). Gantner et al. "Learning Attribute-to-Feature Mappings for
    Cold-Start Recommendations", ICDM 2010 (new users).
    """

    _inner_product = True
    _folds_items_exactly = False
    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "loss": [StrOptions({"softmax", "bpr"})],
        "n_negatives": [Interval(Integral, 1, None, closed="left")],
        "negative_power": [Interval(Real, 0, None, closed="left")],
        "id_dropout": [Interval(Real, 0, 1, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "refit": ["boolean"],
        "device": [str, None],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components=64,
        *,
        loss="softmax",
        n_negatives=1024,
        negative_power=0.75,
        id_dropout=0.1,
        alpha=0.1,
        learning_rate=0.01,
        weight_decay=0.01,
        batch_size=2048,
        max_iter=100,
        validation_fraction=0.1,
        n_iter_no_change=5,
        refit=True,
        device=None,
        verbose=False,
        random_state=None,
    ) -> None:
        self.n_components = n_components
        self.loss = loss
        self.n_negatives = n_negatives
        self.negative_power = negative_power
        self.id_dropout = id_dropout
        self.alpha = alpha
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.refit = refit
        self.device = device
        self.verbose = verbose
        self.random_state = random_state

    # -- what a network may replace ---------------------------------------------------

    def _network(self, R, items, columns):
        """The `Network` to train, for events R and all `Items` of the catalogue."""
        raise NotImplementedError

    def _learn_inputs(self, items):
        """Learn what `_inputs` needs; the columns of each modality."""
        self.projection_ = BlockProjection(items, MAX_WIDTH)
        return self.projection_.columns

    def _inputs(self, items):
        """Content (n, d) of a FeatureTable, 0 where a modality is missing."""
        return self.projection_(items)

    def _examples(self, R):
        """Users, items and weights of what an epoch goes through."""
        events = R.tocoo()
        return *map(np.int64, events.coords), events.data

    # -- fit --------------------------------------------------------------------------

    def _fit(self, R, items, users):
        torch = optional_import("torch", extra="neural")
        if items is None:
            items = FeatureTable.missing(R.shape[1], {})
        rng = check_random_state(self.random_state)
        self._columns = self._learn_inputs(items)
        self._train(torch, R, items, rng)

    def _n_tasks(self):
        return 2 if self.validation_fraction and self.refit else 1

    def _train(self, torch, R, items, rng):
        """Set the network and the factors."""
        from skmmrec.recommenders.networks._training import as_items, seeded

        # what nobody has had is never drawn: it has no identity, but its content
        counts = R.count_nonzero(axis=0)
        codes = np.where(counts > 0, np.arange(R.shape[1]), -1)
        catalogue = as_items(codes, self._inputs(items), items.present)
        device = pick_device(torch, self.device)
        learned, held = self._hold_out(R, rng)
        self.validation_scores_, self.n_iter_ = [], self.max_iter
        with one_thread(torch), seeded(rng.randint(2**31 - 1), device):
            if held.nnz:
                self._run(learned, held, self.n_iter_, catalogue, device, rng)
            if self.refit or not held.nnz:
                self._run(R, None, self.n_iter_, catalogue, device, rng)
        self.network_.eval().cpu().release()

    def _hold_out(self, R, rng):
        """Events to learn from, and those by which the epochs are judged: csr, csr."""
        return hold_out_events(R, self.validation_fraction, rng)

    def _run(self, R, held, n_epochs, catalogue, device, rng):
        """Train a network on R; if events are held out, to the best of its epochs."""
        from skmmrec.recommenders.networks._training import Trainer

        trainer = Trainer(
            self._network(R, catalogue, self._columns),
            catalogue,
            R,
            PopularitySampler(R.count_nonzero(axis=0), self.negative_power),
            rng,
            loss=self.loss,
            n_negatives=self.n_negatives,
            id_dropout=self.id_dropout,
            alpha=self.alpha,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            device=device,
        )
        self.network_, examples = trainer.network, self._examples(R)
        scores = self.validation_scores_

        def is_over():
            if held is None:
                return False
            return np.argmax(scores) + self.n_iter_no_change < len(scores)

        task = self._callback_fit_ctx.subcontext(
            "refit" if held is None and scores else "train", max_subtasks=n_epochs
        )

        def learned():
            names = ("user_factors_", "item_factors_", "network_")
            return dict(zip(names, (*trainer.factors(), trainer.copied())))

        epochs = self._iterations(n_epochs, learned, task=task, until=is_over)
        name = type(self).__name__
        with self._subtask(task), progress(name, n_epochs, self.verbose) as advance:
            for _ in epochs:
                trainer.epoch(examples, self.batch_size)
                advance(1)
                if held is None:
                    continue
                self._set_factors(trainer)
                scores.append(self._judge(R, held))
                if np.argmax(scores) == len(scores) - 1:
                    trainer.keep()
        if held is not None:
            trainer.restore()
            self.n_iter_ = int(np.argmax(scores)) + 1
        self._set_factors(trainer)

    def _set_factors(self, trainer):
        self.user_factors_, self.item_factors_ = trainer.factors()

    def _judge(self, learned, held):
        """NDCG@20 of held-out events, the whole catalogue ranked."""
        from skmmrec.metrics import ndcg  # metrics build upon recommenders

        users = np.flatnonzero(np.diff(held.indptr))
        k = min(K, held.shape[1])
        lists, _ = self._top(self.user_factors_[users], k, [learned[users]], None)
        hits = stored(held, np.repeat(users, k), lists.ravel()).reshape(lists.shape)
        n_relevant = np.diff(held.indptr)[users]
        return float(ndcg(hits & (lists >= 0), n_relevant).mean())

    def _learn_maps(self, R, items, users):
        U, V = self.user_factors_, self.item_factors_
        n_items, n_users = R.count_nonzero(axis=1), R.count_nonzero(axis=0)
        self.mean_item_ = V[n_users > 0].mean(axis=0)
        self.fold_map_ = RidgeMap(_mean_rows(R, V), U, n_items)
        self.item_fold_map_ = RidgeMap(_mean_rows(R.T.tocsr(), U), V, n_users)
        self.user_map_ = None
        if users is not None and users.shape[1]:
            known = users.present.any(axis=1)
            self.user_map_ = RidgeMap(users.values, U, np.where(known, n_items, 0))

    # -- new users, new items ---------------------------------------------------------

    def _fold_in(self, H):
        return self.fold_map_(_mean_rows(H, self.item_factors_))

    def _fold_in_items(self, C, items):
        return self.item_fold_map_(_mean_rows(C, self.user_factors_))

    def _user_vectors(self, users):
        if self.user_map_ is None:
            return super()._user_vectors(users)
        return self.user_map_(users.values, users.present.any(axis=1))

    def _item_vectors(self, items):
        from skmmrec.recommenders.networks._network import in_chunks
        from skmmrec.recommenders.networks._training import as_items

        nobody = np.full(len(items), -1)
        batch = as_items(nobody, self._inputs(items), items.present)
        vectors = in_chunks(self.network_.items, batch)
        vectors[~items.present.any(axis=1)] = self.mean_item_
        return vectors

    def _settle(self, masks):
        super()._settle(masks)
        self.network_ = copy.deepcopy(self.network_)
        self.network_.keep(**masks)

    # -- scores -----------------------------------------------------------------------

    def _queries(self, U):
        return U if self._inner_product else None

    def _similarity(self, U, V, product):
        if self._inner_product:
            return super()._similarity(U, V, product)
        from skmmrec.recommenders.networks._training import similarity

        if product is paired:
            return similarity(self.network_, U, V, product)
        blocks = blocks_of_rows(len(U), len(V) * V.shape[1])
        scores = [similarity(self.network_, U[b], V, product) for b in blocks]
        return np.concatenate(scores)
