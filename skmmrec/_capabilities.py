"""What components can do, told by their tags and by the methods that they write.

So a table of capabilities can't say what the code does not: a recommender that writes
no `_item_vectors` has nothing to place new items with.
"""

from inspect import getattr_static, signature

from skmmrec._base import BaseRecommender
from skmmrec.ranking import ExactRetriever

# What a recommender that writes one of these methods can do.
_OF_METHODS = {
    "new users": ("_fold_in", "_fold_in_ordered", "_vectors_of_histories"),
    "new items": ("_item_vectors", "_placed"),
    "user features": ("_user_vectors", "_learn_news"),
    "modality weights": ("_reweighted",),
}


def _writes(component, *methods):
    """Whether a recommender has one of these methods of its own."""
    return any(
        getattr(component, m) is not getattr(BaseRecommender, m) for m in methods
    )


def _has(component, tag):
    """Whether a tag is set; one that depends on members, a property, is not."""
    return getattr_static(component, tag) is True


def _of_recommender(component):
    can = {name: _writes(component, *m) for name, m in _OF_METHODS.items()}
    can["order"] = _has(component, "_ordered")
    can["closed form"] = _has(component, "closed_form")
    return can


def _parameters(component):
    return list(signature(component).parameters)


def _of_encoder(component):
    tags = component().__sklearn_tags__().input_tags
    return {
        "column": tags.one_d_array,
        "table": tags.two_d_array,
        "missing": tags.allow_nan,
        "sparse": tags.sparse,
        "files": bool(getattr(component, "_in_files", False)),
        "store": "store" in _parameters(component),
    }


def _of_fusion(component):
    parameters = _parameters(component)
    return {
        "weights": "weights" in parameters,
        "random_state": "random_state" in parameters,
    }


def _of_retriever(component):
    return {"exact": issubclass(component, ExactRetriever)}


def _of_metric(component):
    return dict.fromkeys(_parameters(component), True)


_OF_KIND = {
    "encoders": _of_encoder,
    "fusions": _of_fusion,
    "recommenders": _of_recommender,
    "retrievers": _of_retriever,
    "metrics": _of_metric,
}


def capabilities(kind, component):
    """Names of what a component can do.

    Parameters
    ----------
    kind : str
    component : class or function

    Returns
    -------
    names : list of str
    """
    return [name for name, can in _OF_KIND[kind](component).items() if can]
