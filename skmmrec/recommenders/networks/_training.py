"""The training of all networks: one loop over mini-batches of events."""

import copy
from contextlib import contextmanager

import numpy as np
import torch
from torch.nn.functional import logsigmoid

from skmmrec.recommenders._held_out import stored
from skmmrec.recommenders.networks._network import Items, outer, paired

# Where all gradients of a weight are rounding, as of a shift of all scores, Adam's own
# 1e-8 would make steps of them.
ADAM_EPS = 1e-6


@contextmanager
def seeded(seed, device):
    """Torch's own draws from a seed, its state as before in the end."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield


def as_items(codes, x, present):
    """`Items` of numpy arrays, on the CPU."""
    return Items(
        torch.as_tensor(codes, dtype=torch.int64),
        torch.as_tensor(x),
        torch.as_tensor(present.astype(np.float32)),
    )


def similarity(network, U, V, product):
    """Scores of numpy vectors by a network that is on the CPU."""
    with torch.no_grad():
        U, V = torch.as_tensor(U), torch.as_tensor(V)
        return network.similarity(U, V, outer if product is outer else paired).numpy()


class Trainer:
    """A network, its items, and the steps of its optimiser.

    Softmax: the loss of an event (u, i) of weight w is

        -w log exp(s_ui) / (exp(s_ui) + Σ_j exp(s_uj - log(n q_j))),

    over n items j drawn from q for all events of the step, i left out; where n is that
    of all items, over each once, without correction. BPR: -w log σ(s_ui - s_uj), with
    one j drawn for each event, such that u has not had it. To either is added
    alpha (‖u‖² + ‖i‖²) for the vectors of the event.

    Parameters
    ----------
    network : Network
    items : Items
        All of the catalogue.
    R : csr_array of shape (n_users, n_items)
        Events, to tell negatives by.
    sampler : PopularitySampler
    rng : RandomState

    References
    ----------
    Bengio, Senécal. "Adaptive Importance Sampling to Accelerate Training of a Neural
    Probabilistic Language Model", IEEE TNN 2008; Jean et al. ACL 2015, section 3.1
    (sampled softmax). Rendle et al. "BPR", UAI 2009, section 4.1. Volkovs, Yu,
    Poutanen. "DropoutNet", NIPS 2017, section 4 (identities dropped).
    """

    def __init__(
        self,
        network,
        items,
        R,
        sampler,
        rng,
        *,
        loss,
        n_negatives,
        id_dropout,
        alpha,
        learning_rate,
        weight_decay,
        device,
    ):
        self.network = network.to(device)
        self.catalogue = Items(*(part.to(device) for part in items))
        self.described = items.present.any(1).numpy()
        self.R, self.sampler, self.rng, self.device = R, sampler, rng, device
        self.loss = {"softmax": self._softmax, "bpr": self._bpr}[loss]
        self.n_negatives, self.id_dropout, self.alpha = n_negatives, id_dropout, alpha
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            learning_rate,
            weight_decay=weight_decay,
            eps=ADAM_EPS,
            fused=True,
        )

    def tensor(self, array):
        return torch.as_tensor(array, device=self.device)

    def items(self, codes):
        """Items of the catalogue, some without their identity."""
        x, present = (part[self.tensor(codes)] for part in self.catalogue[1:])
        drop = self.rng.random_sample(len(codes)) < self.id_dropout
        codes = np.where(drop & self.described[codes], -1, codes)
        return Items(self.tensor(codes), x, present)

    def epoch(self, examples, batch_size):
        """One pass over examples (users, items, weights)."""
        self.network.train()
        users, items, weights = examples
        if len(weights):  # histories of one event make no example
            weights = weights / weights.mean()
        examples = users, items, weights
        order = self.network.shuffled(users, self.rng)
        losses = []
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            loss = self._step(*(part[rows] for part in examples))
            losses.append(loss)
        if not np.isfinite(losses).all():
            raise ValueError(
                f"The loss must be finite; got {losses[-1]}; fit with a lower "
                f"learning_rate, or with features of another scale."
            )

    def factors(self):
        """Vectors of all users and items, as numpy arrays."""
        self.network.eval()
        return self.network.factors(self.R.shape[0], self.catalogue)

    def copied(self):
        """The network as it is, on the CPU, without what training alone needs."""
        # torch cannot copy sparse tensors: graphs, in which nothing is written
        shared = {id(b): b for b in self.network.buffers() if b.is_sparse_csr}
        network = copy.deepcopy(self.network, shared).eval().cpu()
        network.release()
        return network

    def keep(self):
        """Remember the weights."""
        state = self.network.state_dict()
        self.kept = {name: weight.clone() for name, weight in state.items()}

    def restore(self):
        """Go back to the weights that were kept."""
        self.network.load_state_dict(self.kept)

    def _step(self, users, items, weights):
        loss = self.loss(users, items, self.tensor(weights))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def _vectors(self, users, items, negatives, weights):
        """Vectors of the users, the items and the negatives, and the loss beside."""
        users = self.tensor(users)
        batch = self.items(np.concatenate([items, negatives]))
        U, V = self.network(users, batch)
        n = len(items)
        own = Items(*(part[:n] for part in batch))
        extra = self.network.auxiliary(users, own, weights, U, V[:n])
        penalty = self.alpha * (U.square().sum() + V[:n].square().sum()) / n
        return U, V[:n], V[n:], extra + penalty

    def _softmax(self, users, items, weights):
        negatives, correction = self._negatives()
        U, V, N, extra = self._vectors(users, items, negatives, weights)
        right = self.network.similarity(U, V, paired)
        wrong = self.network.similarity(U, N, outer) - self.tensor(correction)
        same = self.tensor(items[:, None] == negatives)
        wrong = wrong.masked_fill(same, -torch.inf)
        logits = torch.cat([right[:, None], wrong], 1)
        return (weights * (torch.logsumexp(logits, 1) - right)).mean() + extra

    def _negatives(self):
        """Items for a step of the softmax, and log n q_j for each."""
        every = self.sampler.items
        if self.n_negatives >= len(every):
            return every, np.zeros(len(every), dtype=np.float32)
        drawn = self.sampler.draw(self.n_negatives, self.rng)
        expected = self.n_negatives * self.sampler.q[drawn]
        return drawn, np.log(expected).astype(np.float32)

    def _bpr(self, users, items, weights):
        negatives = self.sampler.draw(len(items), self.rng)
        had = stored(self.R, users, negatives)
        negatives[had] = self.sampler.draw(had.sum(), self.rng)
        weights = weights * self.tensor(~stored(self.R, users, negatives))
        U, V, N, extra = self._vectors(users, items, negatives, weights)
        right = self.network.similarity(U, V, paired)
        wrong = self.network.similarity(U, N, paired)
        return -(weights * logsigmoid(right - wrong)).mean() + extra
