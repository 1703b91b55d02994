"""An item's vector with other content: what all attribution here asks of a model.

The user and the events stay as they are, and so does what is known of other items: what
changes is what is known of one item. `revised` gives its vector with the content
`after` instead of `before`,

- placed anew by content, where it has no events;
- as before, where events alone have made it;
- else v + f(after) - f(before), with f what the model would make of its events and that
  content: so that nothing has changed where the content has not.

`masked` is the same for content of which modalities are missing. Where a score is a
sum over modalities, `masked` takes the terms of the missing ones out, exactly.
"""

from copy import copy
from functools import cached_property, singledispatch

import numpy as np
import scipy.sparse as sp
from sklearn.pipeline import Pipeline

from skmmrec._sparse import largest_of_rows, positions
from skmmrec._vectors import Blocks, put
from skmmrec.data import FeatureTable
from skmmrec.data._feature_table import features_of
from skmmrec.fusion import MultimodalFusion
from skmmrec.fusion._base import BaseFusionMethod
from skmmrec.privacy._dp_item_graph import DPItemGraphRecommender
from skmmrec.recommenders import (
    BPRRecommender,
    ContentRecommender,
    EASERecommender,
    FeatureFactorizationRecommender,
    ItemGraphRecommender,
    PopularityRecommender,
    SVDRecommender,
    UserKNNRecommender,
)
from skmmrec.recommenders._item_item import ItemItemRecommender
from skmmrec.recommenders._meta import BaseMetaRecommender, last_step
from skmmrec.recommenders._network import NetworkRecommender

CONTENT_ALONE = (ContentRecommender, FeatureFactorizationRecommender)

# The vector of an item with events is made of these alone, whatever its content.
EVENTS_ALONE = (
    BPRRecommender,
    ItemItemRecommender,
    PopularityRecommender,
    SVDRecommender,
    UserKNNRecommender,
)


def steps_of(member):
    """The transformers before the recommender, also of pipelines in pipelines.

    Not those that rename ids, which would put the rows of a table into another order.
    """
    if hasattr(member, "best_estimator_"):
        return steps_of(member.best_estimator_)
    if not isinstance(member, Pipeline):
        return []
    steps = [step for _, step in member.steps[:-1] if not hasattr(step, "pseudonyms")]
    return steps + steps_of(member[-1])


def _is_method(step):
    return isinstance(
        step[-1] if isinstance(step, Pipeline) else step, BaseFusionMethod
    )


class _AsIs:
    """In the place of a fusion method: the blocks as the encoders leave them."""

    def transform(self, table):
        return table


def is_of_items(step):
    """Whether this is a fusion of the item table."""
    return isinstance(step, MultimodalFusion) and step.on == "items"


class Encoded:
    """Content on its way to a recommender, encoded once it is asked for.

    Parameters
    ----------
    X : Interactions
    steps : list of transformers
    earlier : Encoded, default=None
        After the steps before these.
    """

    def __init__(self, X, steps=(), earlier=None):
        self.X, self.steps, self.earlier = X, steps, earlier

    def then(self, steps):
        """After further steps."""
        return Encoded(self.X, steps, self)

    @property
    def names(self):
        """The modalities, None where nothing says them."""
        for step in self.steps:
            if is_of_items(step):
                return [name for name, _, _ in step.transformers_]
        if self.earlier is not None:
            return self.earlier.names
        table = features_of(self.X, "items")
        return None if table is None else list(table.blocks)

    @cached_property
    def _state(self):
        """The events so far, and the fusion methods that are yet to be applied."""
        X, methods = self.X, []
        if self.earlier is not None:
            X, methods = self.earlier._state
            methods = [*methods]
        for step in self.steps:
            if step is None or step == "passthrough":
                continue
            if _is_method(step):
                methods.append(step)
                continue
            if is_of_items(step):
                methods.append(step.method_)
                step = copy(step)
                step.method_ = _AsIs()
            X = step.transform(X)
        return X, methods

    @property
    def table(self):
        """FeatureTable whose blocks are the modalities, before fusion, or None."""
        return features_of(self._state[0], "items")

    def features(self, places, keep, is_apart):
        """The rows at some places as they reach the recommender, a FeatureTable.

        Parameters
        ----------
        places : ndarray of int of shape (n,)
            Rows of the table; -1 has no content.
        keep : dict of {str: ndarray of bool of shape (n,)}
            Which rows keep each modality.
        is_apart : bool
            Whether modalities are taken away after fusion, rather than before.
        """
        table = self.table.take(places)
        if not is_apart:
            table = _without(table, keep)
        for method in self._state[1]:
            table = method.transform(table)
        return _without(table, keep) if is_apart else table


def _without(table, keep):
    """A table in which some rows lack some modalities."""
    values, present = table.values.copy(), table.present.copy()
    for m, (name, columns) in enumerate(table.blocks.items()):
        if name in keep:
            values[~keep[name], columns] = 0
            present[:, m] &= keep[name]
    return FeatureTable(values, table.blocks, present)


class Items:
    """Rows of items, each with a change of its content.

    Parameters
    ----------
    model : recommender
    encoded : Encoded
        After the steps before it.
    codes : ndarray of int of shape (n,)
        In the catalogue of the model, -1 outside.
    vectors : ndarray, csr_array or Blocks of n rows
        As they are.
    places : ndarray of int of shape (n,)
        Rows of the encoded table.
    keep : dict of {str: ndarray of bool of shape (n,)}, default={}
    origin : ndarray of int of shape (n,), default=None
        Places of the content before the change, `places` themselves by default.
    """

    def __init__(self, model, encoded, codes, vectors, places, keep=None, origin=None):
        self.model, self.encoded = model, encoded
        self.codes, self.vectors, self.places = codes, vectors, places
        self.keep, self.origin = keep or {}, places if origin is None else origin

    def repeated(self, n, keep):
        """The first row, n times, without other modalities each time."""
        rows = np.zeros(n, dtype=int)
        parts = (part[rows] for part in (self.codes, self.vectors, self.places))
        return Items(self.model, self.encoded, *parts, keep)

    @cached_property
    def members(self):
        """The same for each member of a combination."""
        change = self.places, self.keep, self.origin
        return [
            Items(last_step(m), self.encoded.then(steps_of(m)), self.codes, v, *change)
            for m, v in zip(self.model.estimators_, self.vectors.parts)
        ]

    @property
    def blocks(self):
        return self.model.blocks_["items"]

    @property
    def is_apart(self):
        """Whether the modalities reach the recommender as blocks of their own."""
        return self.encoded.names is None or set(self.encoded.names) == set(self.blocks)

    @property
    def names(self):
        """The modalities that a score can be split by."""
        if isinstance(self.model, BaseMetaRecommender):
            every = [name for part in self.members for name in part.names]
            return list(dict.fromkeys(every))
        if not self.blocks:
            return []
        of_blocks = isinstance(self.model, ItemGraphRecommender)
        if of_blocks or reads_content(self.model) or self.encoded.names is None:
            return list(self.blocks)
        return list(self.encoded.names)

    @cached_property
    def is_warm(self):
        """Which items have events that their vectors are made of."""
        if isinstance(self.model, DPItemGraphRecommender):  # its events are a secret
            return np.append(self.model.popularity_, 0)[self.codes] != 0
        of_fit = isinstance(self.model, ItemItemRecommender)
        R = self.model.histories_ if of_fit else self.model._likes(self.model.seen_)
        counts = np.append(R.count_nonzero(axis=0), 0)
        known = (self.codes >= 0) & (self.codes < R.shape[1])
        return counts[np.where(known, self.codes, -1)] > 0

    def _features(self, places, keep):
        if self.encoded.table is None:
            raise ValueError(
                f"X must hold the content of the item for {type(self.model).__name__}, "
                f"which keeps none of it; got none; pass an Interactions whose item "
                f"table is like that of fit, and has a row for it."
            )
        table = self.encoded.features(places, keep, self.is_apart)
        return self.model._new_features(table, np.arange(len(table)), "items")

    @cached_property
    def before(self):
        return self._features(self.origin, {})

    @cached_property
    def after(self):
        return self._features(self.places, self.keep)

    def likers(self, rows):
        """Who likes the items of some rows, csr (m, n_users)."""
        model = self.model
        codes, row = np.unique(self.codes[rows], return_inverse=True)
        return model._likes(sp.csr_array(model.seen_.T)[codes])[row]


def reads_content(model):
    """Whether this is an EASE that has learned from features."""
    return isinstance(model, EASERecommender) and model.space_ is not None


def plus(V, change, weights):
    """V + diag(weights) change, for vectors of any kind."""
    if isinstance(V, Blocks):
        pairs = zip(V.parts, change.parts)
        return Blocks(plus(part, other, weights) for part, other in pairs)
    change = sp.diags_array(weights) @ change
    if sp.issparse(V):
        return sp.csr_array(V + change)
    return V + (change.toarray() if sp.issparse(change) else change)


# -- with other content --------------------------------------------------------------


@singledispatch
def with_events(model, items, rows, features):
    """What the model makes of the events of items, and this content: (m, d)."""
    return model._fold_in_items(items.likers(rows), features)


@with_events.register
def _(model: NetworkRecommender, items, rows, features):
    from skmmrec.recommenders.networks._network import in_chunks
    from skmmrec.recommenders.networks._training import as_items

    content = model._inputs(features), features.present
    try:
        batch = as_items(items.codes[rows], *content)
        return in_chunks(model.network_.items, batch)
    except IndexError:  # one that came after fit has no vector of its own
        batch = as_items(np.full(len(rows), -1), *content)
        return in_chunks(model.network_.items, batch)


@singledispatch
def revised(model, items):
    """Vectors of the items with their content after the change."""
    V = items.vectors[np.arange(len(items.codes))]
    if not items.blocks:
        return V
    cold, warm = map(np.flatnonzero, (~items.is_warm, items.is_warm))
    if len(cold):
        V = put(V, cold, model._item_vectors(items.after.take(cold)))
    if len(warm) and not isinstance(model, EVENTS_ALONE):
        after, before = (
            with_events(model, items, warm, features.take(warm))
            for features in (items.after, items.before)
        )
        if after is not None:  # else they stay where they are
            V = put(V, warm, V[warm] + after - before)
    return V


@revised.register(ContentRecommender)
@revised.register(FeatureFactorizationRecommender)
def _(model, items):
    return model._item_vectors(items.after)


@revised.register
def _(model: DPItemGraphRecommender, items):
    if not items.blocks:
        return items.vectors
    after, before = map(model._item_vectors, (items.after, items.before))
    return items.vectors + after - before


@revised.register
def _(model: PopularityRecommender, items):
    return items.vectors


@revised.register
def _(model: BaseMetaRecommender, items):
    parts = [revised(part.model, part) for part in items.members]
    return Blocks([*parts, *items.vectors.parts[len(parts) :]])


@revised.register
def _(model: EASERecommender, items):
    if not reads_content(model):
        return revised.dispatch(ItemItemRecommender)(model, items)
    ones = np.ones(len(items.codes), dtype=np.float32)
    V = items.vectors
    for features, sign in ((items.after, 1), (items.before, -1)):
        content = _content_of_weights(model, items, model.space_.directions(features))
        V = plus(V, content, sign * ones)
    return V


@revised.register
def _(model: ItemGraphRecommender, items):
    ones = np.ones(len(items.codes), dtype=np.float32)
    V = items.vectors
    for name in model.graphs_:
        for features, sign in ((items.after, 1), (items.before, -1)):
            edges = _edges(model, name, items.codes, features)
            V = plus(V, _paths_over(model, name, items, edges), sign * ones)
    return V


# -- without some modalities ---------------------------------------------------------


@singledispatch
def masked(model, items):
    """Vectors of the items without the modalities that they do not keep."""
    return revised(model, items)


@masked.register(ContentRecommender)
@masked.register(FeatureFactorizationRecommender)
def _(model, items):
    if not items.is_apart or getattr(model, "metric", None) == "euclidean":
        return revised(model, items)
    V = items.vectors.copy()
    for name, keep in items.keep.items():
        if name in items.blocks:
            V[:, items.blocks[name]] *= keep[:, None]
    return V


@masked.register
def _(model: BaseMetaRecommender, items):
    parts = [masked(part.model, part) for part in items.members]
    return Blocks([*parts, *items.vectors.parts[len(parts) :]])


@masked.register
def _(model: EASERecommender, items):
    if not reads_content(model):
        return revised(model, items)
    directions, V = _directions(model, items), items.vectors
    for name, keep in items.keep.items():
        if name in items.blocks:
            block = np.zeros_like(directions)
            block[:, items.blocks[name]] = directions[:, items.blocks[name]]
            content = _content_of_weights(model, items, block)
            V = plus(V, content, np.float32(-1) * ~keep)
    return V


@masked.register
def _(model: ItemGraphRecommender, items):
    V = items.vectors
    for name, keep in items.keep.items():
        if name in model.graphs_:
            paths = _paths_over(model, name, items, _own_edges(model, name, items))
            stored = items.vectors.parts[0] if isinstance(V, Blocks) else items.vectors
            V = plus(V, _where_stored(paths, stored), np.float32(-1) * ~keep)
    return V


def nothing(model, vectors):
    """Vector (1, d) of an item of which neither events nor content are known."""
    if isinstance(model, BaseMetaRecommender):
        parts = map(nothing, model._members, vectors.parts)
        return Blocks([*parts, *vectors.parts[len(model.estimators_) :]])
    return model._item_vectors(FeatureTable.missing(1, model.blocks_["items"]))


# -- what content has added to item-item weights -------------------------------------


def _directions(model, items):
    """Features (n, d) of unit length: those that EASE keeps, or those of new items."""
    kept = model.directions_
    known = (items.codes >= 0) & (items.codes < len(kept))
    if known.all():
        return kept[items.codes]
    new = model.space_.directions(items.before)
    return np.where(known[:, None], kept[np.where(known, items.codes, 0)], new)


def _content_of_weights(model, items, directions):
    """The part of EASE's weights (n, n_items) that these features have brought in.

    The weights of item i are b_i = P_i (R'r_i + content · F f_i), with P_i the inverse
    for the regression on all other items; the second term, where P_i is P less its
    part along column i. In rows that users have in their histories; of P, those of
    items without events are not kept.
    """
    n = len(model.diagonal_)
    Z = model.content * directions @ model.directions_.T  # (m, n)
    rows = np.flatnonzero(items.is_warm)
    codes = items.codes[rows]
    Z[rows, codes] = 0
    B = model.item_factors_[:n]
    Y = (Z - Z @ B.T) * model.diagonal_
    Y[rows] += Y[rows, codes][:, None] * B[codes]
    Y[rows, codes] = 0
    return Y


def _edges(model, name, codes, features):
    """Edges of a modality into items of the graph, for other content of theirs."""
    graph = model.graphs_[name]
    neighbors = copy(graph.neighbors)
    neighbors.n_neighbors += 1  # itself may be among them
    near = neighbors(graph._modality(features)) * graph.scale
    row, column = positions(near)
    near.data[column == codes[row]] = 0
    near.eliminate_zeros()
    return largest_of_rows(near, graph.neighbors.n_neighbors)


def _own_edges(model, name, items):
    """Edges of a modality into the items."""
    edges = model.graphs_[name].edges
    known = (items.codes >= 0) & (items.codes < edges.shape[0])
    if known.all():
        return edges[items.codes]
    return _edges(model, name, items.codes, items.before)


def _paths_over(model, name, items, edges):
    """What paths over these last edges have brought in, times the popularity."""
    n = model.graph_.shape[0]
    a = sp.csr_array(edges * np.float32(model.weights_[name]))
    total, less = model._paths_over(a), model._filtered(a)
    degrees = np.append(model.histories_.sum(axis=0), 0)
    codes = np.where((items.codes >= 0) & (items.codes < n), items.codes, -1)
    total = sp.csr_array(sp.diags_array(model._fame(degrees[codes])) @ total)
    if less is None:
        return total
    return Blocks([total, less * ~items.is_warm[:, None]])


def _where_stored(paths, stored):
    """Paths, without those that pruning has cut off from the vectors."""
    if isinstance(paths, Blocks):
        return Blocks([_where_stored(paths.parts[0], stored), *paths.parts[1:]])
    return sp.csr_array(paths.multiply(stored != 0))
