"""scikit-learn's Pipeline, with the methods of a recommender at its end."""

from typing import Any

from sklearn.pipeline import Pipeline as _Pipeline
from sklearn.pipeline import make_pipeline as _make_pipeline
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skmmrec._atomic import all_or_nothing
from skmmrec._docs import DocLinkMixin
from skmmrec._queries import as_queries
from skmmrec.data._interactions import check_catalogue
from skmmrec.recommenders._meta import (
    known_ids,
    known_params,
    last_step,
    through_steps,
)

__all__ = ["Pipeline", "make_pipeline"]

_FIT_TRANSFORM = vars(_Pipeline)["fit_transform"]  # and when there is one


def _final_has(method):
    def check(self):
        getattr(self._final_estimator, method)  # or the AttributeError that says why
        return True

    return check


class Pipeline(DocLinkMixin, _Pipeline):
    """A Pipeline that can recommend.

    Everything is scikit-learn's, and a fit that fails leaves all steps as they were.
    `recommend`, `recommend_for`, `similar_items`, `similar_items_to`, `partial_fit`,
    `add_items`, `remove_items` and `forget` are added, and call the last step. On an
    ordinary Pipeline, write ``pipe[-1].recommend(...)``. After a `Pseudonymizer` these
    methods take the ids that it takes, and return those that it gives; so do `explain`
    and what else asks a pipeline.

    See Also
    --------
    make_pipeline : The same, steps named by their class.

    Examples
    --------
    >>> from skmmrec import Interactions, Pipeline, PopularityRecommender
    >>> X = Interactions({"user": [1, 1, 2], "item": ["tea", "jam", "tea"]})
    >>> Pipeline([("popular", PopularityRecommender())]).fit(X).recommend([2], k=1)
    array([['jam']], dtype=object)
    """

    fit = all_or_nothing(_Pipeline.fit)
    fit_transform = available_if(_FIT_TRANSFORM.check)(
        all_or_nothing(_FIT_TRANSFORM.fn)
    )

    @available_if(_final_has("recommend"))
    def recommend(self, users, k=10, **params):
        """The k items that suit each user best, from the last step.

        Parameters
        ----------
        users : array-like of shape (n_users,)
            Ids.
        k : int, default=10
        **params : dict
            `history`, `candidates`, `exclude_seen`, `retriever`, `return_scores` of the
            recommender.

        Returns
        -------
        items : ndarray of shape (n_users, k)
            Ids, best first.
        """
        users, params = known_ids(self, users, "users"), known_params(self, params)
        return self._final_estimator.recommend(users, k, **params)

    @available_if(_final_has("similar_items"))
    def similar_items(self, items, k=10, **params):
        """The k items most similar to each given one, from the last step.

        Parameters
        ----------
        items : array-like of shape (n,)
            Ids.
        k : int, default=10
        **params : dict
            `retriever`, `return_scores` of the recommender.

        Returns
        -------
        similar : ndarray of shape (n, k)
            Ids, most similar first.
        """
        items = known_ids(self, items, "items")
        return self._final_estimator.similar_items(items, k, **params)

    @available_if(_final_has("recommend_for"))
    def recommend_for(self, items, k=10, **params):
        """The k items that suit a session, given by what is in it, from the last step.

        Parameters
        ----------
        items : array-like of shape (n,)
            Ids, the latest last.
        k : int, default=10
        **params : dict
            `candidates`, `exclude_seen`, `return_scores` of the recommender.

        Returns
        -------
        items : ndarray of shape (k,)
            Ids, best first.
        """
        items = known_ids(self, items, "items")
        params = known_params(self, params)
        return self._final_estimator.recommend_for(items, k, **params)

    @available_if(_final_has("similar_items_to"))
    def similar_items_to(self, content, k=10, **params):
        """The k items most like some content, encoded by the steps.

        Parameters
        ----------
        content : data frame or mapping
            A row for each question, with any of the columns that the steps read from
            the table of items: a text, the path of a picture.
        k : int, default=10
        **params : dict
            `candidates`, `return_scores` of the recommender.

        Returns
        -------
        items : ndarray of shape (n, k)
            Ids, most similar first.
        """
        check_is_fitted(self[-1])
        X = through_steps(self, as_queries(content, self[-1].columns_), gaps=True)
        return last_step(self).similar_items_to(X, k, **known_params(self, params))

    @available_if(_final_has("partial_fit"))
    @all_or_nothing
    def partial_fit(self, X, y=None):
        """Learn from further events: the steps transform them, the last one learns.

        Parameters
        ----------
        X : Interactions, data frame or array
            As in `fit`. The steps before the last stay as they were fitted.
        y : ignored

        Returns
        -------
        self : Pipeline
        """
        if not hasattr(self[-1], "seen_"):
            return self.fit(X)
        if len(self) > 1:
            if self[-1].columns_ is not None:  # the steps would take a frame for items
                X = self[-1]._check_pairs(X)
            X = self[:-1].transform(X)
        self[-1].partial_fit(X)
        return self

    @available_if(_final_has("add_items"))
    def add_items(self, items):
        """Put further items into the catalogue, encoded by the steps.

        Parameters
        ----------
        items : data frame, mapping or Interactions
            A table of items like that of `fit`.

        Returns
        -------
        self : Pipeline
        """
        check_is_fitted(self[-1])
        return self.partial_fit(check_catalogue(items, self[-1].columns_))

    @available_if(_final_has("remove_items"))
    @all_or_nothing
    def remove_items(self, items):
        """Take items out of the catalogue of the last step for good.

        Parameters
        ----------
        items : array-like of shape (n,)
            Ids.

        Returns
        -------
        self : Pipeline
        """
        self._final_estimator.remove_items(known_ids(self, items, "items"))
        return self

    @available_if(_final_has("forget"))
    @all_or_nothing
    def forget(self, users):
        """Let go of users in the last step.

        What the steps before it have learned from a table of users, or from events,
        stays: fit again where that is too much.

        Parameters
        ----------
        users : array-like of shape (n,)
            Ids.

        Returns
        -------
        self : Pipeline
        """
        self._final_estimator.forget(known_ids(self, users, "users"))
        return self


def make_pipeline(*steps: Any, memory: Any = None, verbose: bool = False) -> Pipeline:
    """A `Pipeline` whose steps are named by their class, in lower case.

    Parameters
    ----------
    *steps : estimators
    memory : str or joblib.Memory, default=None
        Where fitted transformers are kept.
    verbose : bool, default=False

    Returns
    -------
    pipeline : Pipeline

    Examples
    --------
    >>> from skmmrec import PopularityRecommender, make_pipeline
    >>> make_pipeline(PopularityRecommender()).steps
    [('popularityrecommender', PopularityRecommender())]
    """
    plain = _make_pipeline(*steps, memory=memory, verbose=verbose)
    return Pipeline(**plain.get_params(deep=False))
