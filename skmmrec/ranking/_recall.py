"""How much of the exact ranking a retriever finds."""

from skmmrec._quote import quoted


def retrieval_recall(model, users, k=10, *, retriever="faiss", **params):
    """Share of the items of the exact lists that an approximate retriever finds.

    Indexes are fast as far as they miss something, and how much depends on the vectors:
    on their number, their directions, and how their lengths differ. Measure it on your
    model and some hundred of your users before choosing one.

    Parameters
    ----------
    model : fitted recommender or pipeline
    users : array-like of shape (n_users,)
        Ids.
    k : int, default=10
        Length of the lists.
    retriever : str or retriever, default="faiss"
        As in `recommend`; its index is built, or brought up to date, by the way.
    **params : dict
        Further parameters of `recommend`, such as `history` or `exclude_seen`.

    Returns
    -------
    recall : float in [0, 1]
        Mean over the places of all lists; 1 means that nothing is missed.

    Raises
    ------
    ValueError
        If no list has an item.

    See Also
    --------
    FaissRetriever, UsearchRetriever : Retrievers, and what makes them find more.

    References
    ----------
    Aumüller, Bernhardsson, Faithfull. "ANN-Benchmarks: A Benchmarking Tool for
    Approximate Nearest Neighbor Algorithms", Information Systems 2020, section 3.2.

    Examples
    --------
    >>> from skmmrec import ALSRecommender, Interactions, retrieval_recall
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abbcb")})
    >>> model = ALSRecommender(2, random_state=0).fit(X)
    >>> retrieval_recall(model, [1, 2, 3], k=1, retriever="exact")
    1.0
    """
    if not hasattr(model, "recommend"):
        raise TypeError(
            f"model must be a recommender, or a pipeline that ends in one; got "
            f"{quoted(model)}; pass one that is fitted."
        )
    exact = model.recommend(users, k, **params)
    found = model.recommend(users, k, retriever=retriever, **params)
    lists = [{item for item in row if item is not None} for row in exact.tolist()]
    if not any(lists):
        raise ValueError(
            f"users must be one or more with items left for them; got {len(exact)} "
            f"without; pass users of fit."
        )
    hits = sum(len(best.intersection(row)) for best, row in zip(lists, found.tolist()))
    return hits / sum(map(len, lists))
