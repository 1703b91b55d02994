"""Pseudonyms for ids, by a keyed hash whose key is never a parameter."""

import hmac
import os
from numbers import Integral, Real
from pathlib import Path
from uuid import UUID

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skmmrec._checks import check_choice
from skmmrec._docs import DocLinkMixin
from skmmrec._sklearn import ContainerOutputMixin, Interval
from skmmrec.data import FeatureTable, Interactions
from skmmrec.data._tables import (
    as_object_array,
    check_id_list,
    check_table,
    column,
    column_names,
    is_table,
)
from skmmrec.data._vocabulary import encode
from skmmrec.privacy._tables import rebuilt, tables_of, take_rows, with_column

LEAST_KEY = (
    32  # bytes, those of SHA-256: a shorter key is easier to guess than the hash
)
SIDES = ("users", "items")


def _read_key(variable, file):
    """The key, from where it is kept; no error quotes it."""
    if file is None:
        where = f"the environment variable {variable!r}"
        key = os.environ.get(variable)
        key = None if key is None else os.fsencode(key)
    else:
        where = f"the file {os.fspath(file)!r}"
        key = Path(file).read_bytes() if Path(file).is_file() else None
    if key is None:
        raise ValueError(
            f"A key must be in {where}; got none there; make one, by secrets.token_hex"
            f"(32), and keep it where your secrets are."
        )
    key = key.rstrip(b"\r\n")
    if len(key) < LEAST_KEY:
        raise ValueError(
            f"The key in {where} must have {LEAST_KEY} bytes or more; got {len(key)}; "
            f"make one, by secrets.token_hex(32)."
        )
    return key


def _message(value):
    """An id as bytes, the same for those that a Vocabulary takes for the same."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return b"s" + value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return b"b" + value
    if isinstance(value, Integral) or (isinstance(value, float) and value.is_integer()):
        return b"i%d" % int(value)
    if isinstance(value, Real):
        return b"f" + repr(float(value)).encode()
    if isinstance(value, UUID):
        return b"u" + value.bytes
    if isinstance(value, tuple):
        parts = map(_message, value)
        return b"t" + b"".join(b"%d:%s" % (len(part), part) for part in parts)
    raise TypeError(
        f"Ids must be texts, bytes, numbers, UUIDs or tuples of these, to have one "
        f"pseudonym everywhere; got {type(value).__name__}; convert them to text."
    )


class Pseudonymizer(
    ContainerOutputMixin,
    DocLinkMixin,
    TransformerMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,
):
    """Pseudonyms in place of the ids of users, by HMAC-SHA256 with a secret key.

    For data and models that are handed to somebody who must be able to tell users
    apart, and not who they are. Whoever has the key and a list of ids can look up whose
    pseudonym it is; without the key that takes 2**256 guesses, however few the ids are.
    A pseudonym does not make a history anonymous: what a user had, and when, may be
    known from elsewhere.

    Parameters
    ----------
    on : tuple of {"users", "items"}, default=("users",)
        Whose ids are replaced.
    key_variable : str, default="SKMMREC_KEY"
        Environment variable that holds the key, 32 bytes or more.
    key_file : str or Path, default=None
        File that holds it instead; line ends at its end are no part of the key.
    digest_size : int, default=16
        Bytes of a pseudonym, which is a text of twice as many hexadecimal digits. n ids
        share a pseudonym somewhere with probability n² / 2**(8 digest_size + 1): with
        16 bytes, 1.5e-21 for a billion; with 8, 2.7e-8 for a million. It is an error.
    user, item : str, default=None
        Columns of the ids in data frames and mappings; None is those of `fit`, or the
        first and the second where it saw no table. An Interactions knows its own.

    Attributes
    ----------
    key_check_ : str
        Digest that tells whether a key is that of `fit`.
    columns_ : dict of {str: str}
        Columns of `fit` by `"users"` and `"items"`; empty where these had no names.

    See Also
    --------
    KAnonymousFilter : Drops rare users and items.

    Notes
    -----
    The key is no parameter, so that no `repr`, pickle or saved model can tell it. It is
    read whenever it is used, and a key that is not that of `fit` is refused.

    With another key everybody has another name. To change it, fit again, or pair the
    old and the new pseudonyms of all ids, and throw the pairs away when nothing needs
    the old ones. Who must not join their data get different keys.

    As in a `Vocabulary`, 7 and 7.0 are one id, and "7" is another. A user and an item
    of the same id have different pseudonyms.

    Rows keep their order, as `predict` needs: events that are sorted by id tell the
    ranks of the ids; shuffle such, or sort them by time, before they are handed on.
    Tables, and so the rows of a model, are sorted by pseudonym. Only ids are replaced:
    names and addresses in other columns, and texts, stay (see the `redact` of
    encoders).

    References
    ----------
    Krawczyk, Bellare and Canetti (1997). HMAC: keyed-hashing for message
    authentication. RFC 2104. ENISA (2019). Pseudonymisation techniques and best
    practices.

    Examples
    --------
    >>> import os
    >>> from skmmrec import Interactions, PopularityRecommender, make_pipeline
    >>> from skmmrec.privacy import Pseudonymizer
    >>> os.environ["SKMMREC_KEY"] = "never a constant like this one 32"
    >>> X = Interactions({"user": ["ann", "ann", "bob"], "item": ["tea", "jam", "tea"]})
    >>> pipe = make_pipeline(Pseudonymizer(), PopularityRecommender()).fit(X)
    >>> pipe[-1].user_vocabulary_.ids.tolist() == sorted(
    ...     pipe[0].pseudonyms(["ann", "bob"])
    ... )
    True
    >>> pipe.recommend(["bob"], k=1).tolist()
    [['jam']]
    """

    _parameter_constraints = {
        "on": [tuple, list],
        "key_variable": [str],
        "key_file": [str, os.PathLike, None],
        "digest_size": [Interval(Integral, 8, 32, closed="both")],
        "user": [str, None],
        "item": [str, None],
    }

    def __init__(
        self,
        on=("users",),
        key_variable="SKMMREC_KEY",
        key_file=None,
        digest_size=16,
        user=None,
        item=None,
    ) -> None:
        self.on = on
        self.key_variable = key_variable
        self.key_file = key_file
        self.digest_size = digest_size
        self.user = user
        self.item = item

    def fit(self, X=None, y=None):
        """Note which key it is, and which columns hold the ids.

        Parameters
        ----------
        X : Interactions, data frame, mapping or array, default=None
            Of a table, the names of the columns count, and nothing else.
        y : ignored

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If there is no key, or one that is too short.
        """
        self._validate_params()
        if not self.on or not set(self.on) <= set(SIDES):
            raise ValueError(
                f"on must hold 'users', 'items' or both; got {self.on!r}; write "
                f"('users',) for users alone."
            )
        self.key_check_ = self._check_of(_read_key(self.key_variable, self.key_file))
        self.columns_ = dict(zip(SIDES, self._columns(X)))
        return self

    @staticmethod
    def _columns(X):
        """Names of the columns of users and items; none where there are no names."""
        if isinstance(X, Interactions):
            return X.names["user"], X.names["item"]
        return column_names(check_table(X, "X"))[:2] if is_table(X) else ()

    @staticmethod
    def _check_of(key):
        return hmac.digest(key, b"which key is it", "sha256").hex()

    def _key(self):
        """The key of `fit`, read once more."""
        key = _read_key(self.key_variable, self.key_file)
        mine = getattr(self, "key_check_", None)
        if mine and not hmac.compare_digest(mine, self._check_of(key)):
            raise ValueError(
                "The key must be that of fit, or nobody is known; got another; bring "
                "it back, or fit again with the new one."
            )
        return key

    def pseudonyms(self, ids, on="users"):
        """Pseudonyms of some ids.

        Also the way back, for who has the key: ``dict(zip(p.pseudonyms(ids), ids))``.

        Parameters
        ----------
        ids : array-like of shape (n,)
        on : {"users", "items"}, default="users"
            Whose ids these are.

        Returns
        -------
        pseudonyms : ndarray of str objects of shape (n,)

        Raises
        ------
        ValueError
            If `on` is another word, an id is missing, two share a pseudonym, or the
            key is not there, or not that of `fit`.
        TypeError
            If an id is of a kind that has no one spelling.
        """
        check_choice(on, SIDES, "on")
        found, codes = encode(check_id_list(ids, on), on)
        if not len(found):  # then it takes no key
            return as_object_array([])
        key, side = self._key(), on.encode() + b"\0"
        names = [
            hmac.digest(key, side + _message(one), "sha256")[: self.digest_size].hex()
            for one in found.tolist()
        ]
        if len(set(names)) < len(names):
            raise ValueError(
                f"digest_size must be such that no two {on} share a pseudonym; got "
                f"{self.digest_size} for {len(names)} {on}; raise it."
            )
        return as_object_array(names)[codes]

    def transform(self, X):
        """The same events by pseudonyms.

        Parameters
        ----------
        X : Interactions, data frame, mapping, or array of shape (n_events, >= 2)

        Returns
        -------
        X : of the same kind
            Of an Interactions, the tables too have pseudonyms, and are sorted by them.
        """
        if isinstance(X, Interactions):
            return self._of_interactions(X)
        if not is_table(X) and not hasattr(X, "collect"):  # not a lazy frame
            return self._of_array(X)
        check_table(X, "X")
        names = getattr(self, "columns_", {}) or dict(zip(SIDES, self._columns(X)))
        for on, name in zip(SIDES, (self.user, self.item)):
            if on in self.on:
                name = names.get(on, on[:-1]) if name is None else name
                X = with_column(X, name, self.pseudonyms(column(X, name, "X"), on))
        return X

    def _of_array(self, X):
        values = np.array(X, dtype=object)
        if values.ndim != 2 or values.shape[1] < 2:
            raise ValueError(
                f"X must have a column of users and one of items; got an array of "
                f"shape {values.shape}; for a list of ids, call pseudonyms."
            )
        for place, on in enumerate(SIDES):
            if on in self.on:
                values[:, place] = self.pseudonyms(values[:, place], on)
        return values

    def _of_interactions(self, X):
        ids, tables = {"users": X.user_ids, "items": X.item_ids}, tables_of(X)
        for on in SIDES:
            if on in self.on:
                ids[on] = self.pseudonyms(ids[on], on)
                if on in tables:
                    tables[on] = self._of_table(*tables[on], X.names[on[:-1]], on)
        return rebuilt(X, ids, tables)

    def _of_table(self, ids, table, name, on):
        """Pseudonyms of the rows, and the table, sorted: the old order tells ranks."""
        names = self.pseudonyms(ids, on)
        order = np.argsort(names)
        table = take_rows(table, order)
        if not isinstance(table, FeatureTable):
            table = with_column(table, name, names[order])
        return names[order], table

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.requires_fit = False
        return tags
