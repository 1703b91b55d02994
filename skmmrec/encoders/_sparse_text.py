"""Text by the words in it: counted, weighted and compressed, without any download."""

import numpy as np
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfVectorizer,
)
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from skmmrec._threads import one_blas_thread
from skmmrec.encoders._base import BaseEncoder, check_texts
from skmmrec.encoders._checks import check_choice, check_count
from skmmrec.encoders._words import need_texts

# Twice as many columns as an ordinary catalogue has words, so that few words share one;
# more would make `components_` larger than the vocabulary that hashing saves.
N_HASHED_COLUMNS = 2**16


class SparseTextEncoder(BaseEncoder):
    """Latent semantic analysis of short texts such as titles and plots.

    The words of each text are counted, weighted, and compressed by a truncated singular
    value decomposition. It is learned in seconds from the texts themselves and works in
    any language that separates words, but knows no synonyms beyond those that occur
    together; where a pretrained model is at hand, `TextEncoder` is stronger.

    Parameters
    ----------
    vectorizer : {"tfidf", "count", "hashing"}, default="tfidf"
        How words are weighted: by rarity, with sublinear counts; by their count; or by
        their count under a hash, which keeps no vocabulary and so does not use
        `min_df`, `max_df` and `max_features`.
    n_components : int, default=128
        Number of features; fewer where there are fewer distinct texts or words.
    ngram_range : tuple of (int, int), default=(1, 1)
        Shortest and longest runs of words that count as a term.
    min_df, max_df : int or float, default=1, 1.0
        Least and greatest number, or share, of the distinct texts a term may be in.
    max_features : int, default=None
        Keep only that many of the most frequent terms.
    stop_words : {"english"} or list of str, default=None
        Words that are left out.
    random_state : int, RandomState instance or None, default=None
        Of the randomised decomposition. Pass an int for the same result every time.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features; seldom worth it, as they are counted quickly, and made anew
        where the texts of `fit` differ. A store for all (`set_config`) is not used.
    redact : callable, default=None
        Takes a text, and returns it without what must not be kept: before it is encoded
        or learned from, such as `skmmrec.privacy.redact_personal_data`.

    Attributes
    ----------
    vectorizer_ : CountVectorizer, TfidfVectorizer or HashingVectorizer
    components_ : ndarray of float32 of shape (n_features_out, n_terms)
        Directions in the space of terms, the strongest first.

    See Also
    --------
    TextEncoder : By a pretrained sentence transformer.

    Notes
    -----
    Rows are of unit length. A text of which no word is known, or none that the
    components tell apart, has nothing to be placed by: like a missing text it becomes
    a row of NaN.

    References
    ----------
    Deerwester, Dumais, Furnas, Landauer and Harshman (1990). Indexing by latent
    semantic analysis. Journal of the American Society for Information Science 41(6).

    Halko, Martinsson and Tropp (2011). Finding structure with randomness:
    probabilistic algorithms for constructing approximate matrix decompositions.
    SIAM Review 53(2).

    Examples
    --------
    >>> from skmmrec.encoders import SparseTextEncoder
    >>> plots = ["a ghost ship", "the ghost of a sailor", "two lawyers in love", None]
    >>> encoder = SparseTextEncoder(n_components=2, random_state=0)
    >>> features = encoder.fit_transform(plots)
    >>> features.shape
    (4, 2)
    >>> bool(features[0] @ features[1] > features[0] @ features[2])
    True
    """

    _noun = "text"
    _in_streams = False  # counting words leaves no room for a second thread
    _libraries = ("scikit-learn",)

    def __init__(
        self,
        vectorizer="tfidf",
        n_components=128,
        ngram_range=(1, 1),
        min_df=1,
        max_df=1.0,
        max_features=None,
        stop_words=None,
        random_state=None,
        store=None,
        redact=None,
    ) -> None:
        self.vectorizer = vectorizer
        self.n_components = n_components
        self.ngram_range = ngram_range
        self.min_df = min_df
        self.max_df = max_df
        self.max_features = max_features
        self.stop_words = stop_words
        self.random_state = random_state
        self.store = store
        self.redact = redact

    @one_blas_thread
    def _fit(self, values, rows):
        check_choice("vectorizer", self.vectorizer, ("tfidf", "count", "hashing"))
        check_count("n_components", self.n_components)
        self._check(values, rows)
        need_texts(values)
        self.vectorizer_ = self._make_vectorizer()
        terms = normalize(self.vectorizer_.fit_transform(values))
        _, _, self.components_ = randomized_svd(
            terms,
            min(self.n_components, *terms.shape),
            random_state=self.random_state,
        )

    def _make_vectorizer(self):
        settings = {
            "ngram_range": self.ngram_range,
            "stop_words": self.stop_words,
            "dtype": np.float32,
        }
        if self.vectorizer == "hashing":
            return HashingVectorizer(n_features=N_HASHED_COLUMNS, **settings)
        settings.update(
            min_df=self.min_df, max_df=self.max_df, max_features=self.max_features
        )
        if self.vectorizer == "count":
            return CountVectorizer(**settings)
        return TfidfVectorizer(sublinear_tf=True, **settings)

    def _check(self, values, rows):
        check_texts(values, rows)

    def _width(self):
        return len(self.components_)

    def _encode(self, batch):
        terms = normalize(self.vectorizer_.transform(batch))
        features = terms @ self.components_.T
        norms = np.linalg.norm(features, axis=1, keepdims=True)
        # the terms have unit length: what is left of them below is rounding error
        return np.divide(
            features, norms, out=np.full_like(features, np.nan), where=norms > 1e-5
        )
