"""Weights of a network learned from who had what: one loop for all networks.

A network is a function `forward(xp, weights, x, present)` that runs on torch as well as
on numpy (`xp`): it is trained with the one and applied with the other, so that what was
learned is plain arrays and needs no torch.
"""

import numpy as np

from skmmrec._optional import optional_import
from skmmrec._torch import one_thread, pick_device
from skmmrec.fusion._dropout import drop_modalities

# Share of the items whose pairs say when to stop: what is learned must hold for items
# that nobody has had yet.
HELD_OUT = 0.15
# Pairs of an epoch, and pairs that are judged after it.
MAX_PAIRS, MAX_JUDGED = 100_000, 4096
# Epochs without a lower loss on the held-out items before the training ends.
PATIENCE = 3
# What cosines are divided by at first, and the rate of learning its logarithm.
TEMPERATURE, TEMPERATURE_RATE = 0.3, 0.03


class Pairs:
    """Pairs of rows that one user had: an event, and another event of its user.

    Parameters
    ----------
    events : csr_array of shape (n, n_others)
    first, second : ndarray of bool of shape (n,)
        Which rows may be the first, and the second, of a pair; all or none of the
        second ones are among the first.
    """

    def __init__(self, events, first, second):
        by_user = events.T.tocsr()
        user = np.repeat(np.arange(by_user.shape[0]), np.diff(by_user.indptr))
        row = by_user.indices
        self.firsts = row[first[row]]
        counts = np.bincount(user[first[row]], minlength=by_user.shape[0])
        starts = np.cumsum(counts) - counts
        use = second[row] & (counts[user] > first[row])
        self.seconds, self.starts = row[use], starts[user[use]]
        self.counts = counts[user[use]]

    def draw(self, n, rng):
        """At most n events in random order, as rows (first, second)."""
        pick = rng.permutation(len(self.seconds))[:n]
        start, count, second = self.starts[pick], self.counts[pick], self.seconds[pick]
        place = (rng.random_sample(len(pick)) * count).astype(int)
        first = self.firsts[start + place]
        # in place of the row itself, the next of the user's
        following = self.firsts[start + (place + 1) % count]
        return np.where(first == second, following, first), second


class _Trainer:
    """The network on its device, start + change, and the loss of pairs of rows."""

    def __init__(self, torch, network, start, x, present, device):
        self.torch, self.network = torch, network
        self.device = device
        self.x = self.tensor(x)
        self.start = {name: self.tensor(array) for name, array in start.items()}
        # decay draws the change to zero, hence the weights to where they started
        self.change = {
            name: torch.zeros_like(weight, requires_grad=True)
            for name, weight in self.start.items()
        }
        self.log_scale = self.tensor(-np.log(TEMPERATURE)).requires_grad_()

    def optimizer(self, learning_rate, weight_decay):
        changes = {"params": [*self.change.values()], "weight_decay": weight_decay}
        scale = {"params": [self.log_scale], "lr": TEMPERATURE_RATE, "weight_decay": 0}
        return self.torch.optim.AdamW([changes, scale], lr=learning_rate)

    def tensor(self, array):
        return self.torch.as_tensor(array, device=self.device)

    def weights(self):
        return {name: w + self.change[name] for name, w in self.start.items()}

    def vectors(self, rows, present):
        """Unit vectors (n, k) of rows that have the given modalities."""
        x, present = self.x[self.tensor(rows)], self.tensor(present.astype(np.float32))
        z = self.network(self.torch, self.weights(), x, present)
        return self.torch.nn.functional.normalize(z, dim=1)

    def logits(self, a, has_a, b, has_b):
        cosines = self.vectors(a, has_a) @ self.vectors(b, has_b).T
        return cosines * self.log_scale.exp()

    def loss(self, first, second, log_q):
        """In-batch softmax over the seconds; a first's own row is no candidate."""
        (a, has_a), (b, has_b) = first, second
        logits = self.logits(a, has_a, b, has_b) - self.tensor(log_q[b])
        wrong = (b == b[:, None]) | (b == a[:, None])
        np.fill_diagonal(wrong, False)
        logits = logits.masked_fill(self.tensor(wrong), -self.torch.inf)
        return (self.torch.logsumexp(logits, 1) - logits.diagonal()).mean()

    def judge(self, first, second, present):
        """Softmax loss of pairs, with all that is second in any as candidates."""
        rows, target = np.unique(second, return_inverse=True)
        with self.torch.no_grad():
            logits = self.logits(first, present[first], rows, present[rows])
            target = self.tensor(target)
            return float(self.torch.nn.functional.cross_entropy(logits, target))

    def arrays(self):
        """Copies of the weights as numpy arrays."""
        return {name: w.detach().cpu().numpy() for name, w in self.weights().items()}


def _divided(events, present, rng):
    """Rows with events to learn from, and those held out, bool (n,) each."""
    rows = np.flatnonzero((np.diff(events.indptr) > 0) & present.any(axis=1))
    held = np.zeros(len(present), dtype=bool)
    held[rng.permutation(rows)[: int(np.ceil(HELD_OUT * len(rows)))]] = True
    learned = np.zeros_like(held)
    learned[rows] = True
    return learned & ~held, held


def train(
    network,
    start,
    x,
    present,
    events,
    rng,
    *,
    learning_rate,
    weight_decay,
    modality_dropout,
    batch_size,
    epochs,
    device,
):
    """Weights under which rows that one user had are near each other.

    Minimises InfoNCE over pairs (i, j) of rows of one user,

        -log exp(z_i·z_j / τ - log q_j) / Σ_b exp(z_i·z_b / τ - log q_b),

    z of unit length, b the second rows of the batch, q their share of the events, which
    makes the batch stand for the whole catalogue; τ is learned as well. AdamW draws the
    weights to `start`. The epoch with the lowest loss on pairs with a held-out item is
    kept, `start` if none was better.

    Parameters
    ----------
    network : callable
        (xp, weights, x, present) to z (n, k).
    start : dict of {str: ndarray of float32}
    x : ndarray of float32 of shape (n, d)
    present : ndarray of bool of shape (n, n_modalities)
    events : csr_array of shape (n, n_others)
        Who had each row.
    rng : RandomState
    epochs : callable
        Makes what to iterate over, of two functions: the result so far, and whether to
        stop.

    Returns
    -------
    weights : dict of {str: ndarray of float32}
    losses : list of float
        On the held-out items, at the start and after each epoch; empty if no user had
        rows enough to learn from.

    References
    ----------
    van den Oord, Li, Vinyals. "Representation Learning with Contrastive Predictive
    Coding", 2018, equation 4. Yi et al. "Sampling-Bias-Corrected Neural Modeling for
    Large Corpus Item Recommendations", RecSys 2019, equation 3. Li, Grandvalet,
    Davoine. "Explicit Inductive Bias for Transfer Learning", ICML 2018 (L2-SP).
    """
    learned, held = _divided(events, present, rng)
    pairs, judged = Pairs(events, learned, learned), Pairs(events, learned, held)
    if not len(pairs.seconds) or not len(judged.seconds):
        return start, []
    torch = optional_import("torch", extra="neural")
    log_q = np.log(np.maximum(np.diff(events.indptr), 1)).astype(np.float32)
    judged = judged.draw(MAX_JUDGED, rng)
    with one_thread(torch):
        device = pick_device(torch, device)
        trainer = _Trainer(torch, network, start, x, present, device)
        optimizer = trainer.optimizer(learning_rate, weight_decay)
        best, losses = start, [trainer.judge(*judged, present)]

        def learned_so_far():
            return best, list(losses)

        def is_over():
            return np.argmin(losses) + PATIENCE < len(losses)

        for _ in epochs(learned_so_far, is_over):
            first, second = pairs.draw(MAX_PAIRS, rng)
            for begin in range(0, len(first), batch_size):
                batch = [r[begin : begin + batch_size] for r in (first, second)]
                dropped = [
                    drop_modalities(present[r], modality_dropout, rng) for r in batch
                ]
                loss = trainer.loss(*zip(batch, dropped), log_q)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            losses.append(trainer.judge(*judged, present))
            if losses[-1] == min(losses):
                best = trainer.arrays()
    return best, losses
