"""Text by the vectors of its words, learned from the texts or brought along."""

from collections.abc import Mapping
from numbers import Real

import numpy as np
from scipy.sparse import csr_array
from sklearn.utils import check_random_state

from skmmrec._optional import optional_import
from skmmrec._quote import quoted
from skmmrec._threads import one_blas_thread
from skmmrec.encoders._base import BaseEncoder, check_texts
from skmmrec.encoders._checks import check_choice, check_count
from skmmrec.encoders._files import is_path
from skmmrec.encoders._word_files import read_word_vectors
from skmmrec.encoders._words import (
    frequent_words,
    known_words,
    need_texts,
    split_words,
)

POOLINGS = ("mean", "sif", "tfidf")
KINDS = "a path, gensim's KeyedVectors, or a mapping of words to vectors"


def _train(sentences, words, *, n_components, window, epochs, seed):
    """Vectors of words by word2vec, (len(words), n_components).

    Only one thread: with several, the order of updates, and so the result, is chance.
    """
    models = optional_import("gensim.models", extra="words")
    known = set(words)
    model = models.Word2Vec(
        [[word for word in sentence if word in known] for sentence in sentences],
        vector_size=n_components,
        window=window,
        epochs=epochs,
        seed=seed,
        sg=1,  # skip-gram: better than CBOW where words are rare
        min_count=1,
        workers=1,
    )
    return model.wv[words]


def _words_and_rows(vectors, max_words):
    """Words and their vectors, the first `max_words` of them, from what was passed."""
    if is_path(vectors):
        return read_word_vectors(vectors, max_words)
    vectors = getattr(vectors, "wv", vectors)  # a Word2Vec holds its KeyedVectors
    if hasattr(vectors, "index_to_key"):
        return vectors.index_to_key[:max_words], vectors.vectors[:max_words]
    if isinstance(vectors, Mapping):
        return list(vectors)[:max_words], list(vectors.values())[:max_words]
    raise TypeError(
        f"vectors must be {KINDS}; got {type(vectors).__name__}; convert them, or pass "
        f"None to learn them from the texts."
    )


def _as_matrix(rows):
    """Rows as one array of float32."""
    try:
        matrix = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
        raise ValueError(
            "vectors must hold finite numbers, as many for each word; got others, or "
            "none; correct them."
        )
    return matrix


def _findable(words):
    """Row of each word that a text can hold, by how it is written in lower case.

    Of several spellings the one in lower case counts, else the first, which is the most
    frequent in the usual files: "Paris" is found, and "US" does not replace "us".
    """
    found = {}
    for row, word in enumerate(words):
        lower = str(word).lower()
        if (lower not in found or word == lower) and split_words(lower) == [lower]:
            found[lower] = row
    if not found:
        raise ValueError(
            f"vectors must know a word of two and more letters or digits; got "
            f"{len(words)} entries, none of which is; pass vectors of words."
        )
    return found


def _load(vectors, max_words):
    """Words, and a vector for each, (n_words, d)."""
    words, rows = _words_and_rows(vectors, max_words)
    matrix = _as_matrix(rows)
    found = _findable(words)
    return list(found), matrix[list(found.values())]


def _bags(sentences, vocabulary):
    """How often each sentence has each word, sparse, (n_sentences, n_words)."""
    codes, ends = known_words(sentences, vocabulary)
    shape = len(sentences), len(vocabulary)
    bags = csr_array((np.ones(len(codes), np.float32), codes, ends), shape=shape)
    bags.sum_duplicates()
    return bags


def _word_weights(bags, pooling, smoothing):
    """Weight of each word in a mean, (n_words,)."""
    weights = np.ones(bags.shape[1])
    if pooling == "tfidf":
        n_texts = np.bincount(bags.indices, minlength=len(weights))
        weights = np.log((1 + bags.shape[0]) / (1 + n_texts)) + 1
    if pooling == "sif":
        counts = np.bincount(bags.indices, bags.data, len(weights))
        weights = smoothing / (smoothing + counts / max(counts.sum(), 1))
    return weights.astype(np.float32)


@one_blas_thread
def _common_component(features):
    """Direction of greatest power, not centred: the first right singular vector."""
    features = features[~np.isnan(features).any(axis=1)].astype(np.float64)
    if not len(features):
        return np.zeros(features.shape[1], dtype=np.float32)
    _, directions = np.linalg.eigh(features.T @ features)
    return directions[:, -1].astype(np.float32)


def _without(features, direction):
    """Features less their part along a direction; NaN where nothing else is left."""
    rest = features - np.outer(features @ direction, direction)
    norms, before = (np.linalg.norm(x, axis=1) for x in (rest, features))
    rest[norms <= 1e-5 * before] = np.nan  # rounding error
    return rest


class WordVectorEncoder(BaseEncoder):
    r"""Mean of the vectors of a text's words: word2vec, GloVe and the like.

    Words used alike have vectors alike, so that texts come close which share no word.
    The vectors are learned from the texts themselves, or brought along. On a few
    thousand short texts `SparseTextEncoder` is as good and needs no extra; where a
    pretrained sentence model is at hand, `TextEncoder` is stronger. Only learning needs
    the extra ``skmmrec[words]``.

    Parameters
    ----------
    vectors : str, Path, KeyedVectors or mapping of str to array, default=None
        None learns them by skip-gram with negative sampling. A path is a file in the
        format of word2vec, ".bin" or text, or of GloVe, text, also compressed (".gz").
        gensim's own files are pickles, which can run code, and are refused: open those
        yourself, if you trust them, and pass the KeyedVectors. An object is a parameter
        like any other: it is copied by `clone` and stored in pickles; a path keeps both
        small.
    pooling : {"mean", "sif", "tfidf"}, default="mean"
        Plain mean; smooth inverse frequency, a mean in which frequent words weigh less,
        without the direction that all texts share; or a mean weighted by tf-idf. The
        weights are learned from the texts in any case.
    n_components : int, default=100
        Length of the vectors that are learned; those brought along have their own.
    window : int, default=5
        Greatest distance, in words, of those that count as neighbours in learning.
    min_df : int, default=2
        Least number of the distinct texts a word must be in to be learned.
    max_words : int, default=None
        Learn only that many of the most frequent words, or use only the first of those
        brought along, which in the usual files are the most frequent.
    epochs : int, default=20
        Passes over the texts in learning: tens for thousands of titles, hundreds where
        there are but a few words, five for millions of reviews.
    smoothing : float, default=1e-3
        The parameter a of "sif": less tells frequent words from rare ones more.
    random_state : int, RandomState instance or None, default=None
        Of the vectors that are learned. Pass an int for the same result every time.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features; seldom worth it, as they are counted quickly, and made anew
        where the texts of `fit` differ. A store for all (`set_config`) is not used.
    redact : callable, default=None
        Takes a text, and returns it without what must not be kept: before it is encoded
        or learned from, such as `skmmrec.privacy.redact_personal_data`.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Row of each word in `vectors_`.
    vectors_ : ndarray of float32 of shape (n_words, n_features_out)
    word_weights_ : ndarray of float32 of shape (n_words,)
        Weight of each word in the mean.
    common_component_ : ndarray of float32 of shape (n_features_out,) or None
        The direction of unit length that "sif" removes; None for other poolings.

    See Also
    --------
    SparseTextEncoder : By the words themselves, without an extra.
    TextEncoder : By a pretrained sentence transformer.
    TokenSequenceEncoder : For networks that learn their own vectors.

    Notes
    -----
    With the vector ``v`` and the count ``n`` of each known word in a text, the poolings
    are ``Σ n v / Σ n``; ``Σ n i v / Σ n i`` with ``i = 1 + log((1 + N) / (1 + N_w))``,
    where ``N_w`` of ``N`` texts have the word; and ``x − (xᵀu) u`` with
    ``x = Σ n a / (a + p) v / Σ n``, where ``p`` is the share of the word in all texts
    and ``u`` the first right singular vector of all ``x``.

    Words are in lower case, of two and more letters, digits or underscores, as
    scikit-learn's `CountVectorizer` splits texts; vectors of other words are left out.
    A text without a known word has nothing to be placed by: like a missing text it
    becomes a row of NaN.

    ``dict(zip(encoder.vocabulary_, encoder.vectors_))`` can be passed as `vectors` to
    another encoder.

    References
    ----------
    Mikolov, Sutskever, Chen, Corrado and Dean (2013). Distributed representations of
    words and phrases and their compositionality. NIPS.

    Pennington, Socher and Manning (2014). GloVe: global vectors for word
    representation. EMNLP.

    Arora, Liang and Ma (2017). A simple but tough-to-beat baseline for sentence
    embeddings. ICLR.

    Řehůřek and Sojka (2010). Software framework for topic modelling with large corpora.
    LREC workshop on new challenges for NLP frameworks.

    Examples
    --------
    >>> from skmmrec.encoders import WordVectorEncoder
    >>> vectors = {"ship": [1.0, 0.0], "boat": [0.5, 0.5], "tea": [0.0, 1.0]}
    >>> encoder = WordVectorEncoder(vectors)
    >>> encoder.fit_transform(["a ship", "Boat & tea", "quarks", None])
    array([[1.  , 0.  ],
           [0.25, 0.75],
           [ nan,  nan],
           [ nan,  nan]], dtype=float32)
    """

    _noun = "text"
    _in_streams = False  # looking up words leaves no room for a second thread
    _libraries = ("scikit-learn",)

    def __init__(
        self,
        vectors=None,
        pooling="mean",
        n_components=100,
        window=5,
        min_df=2,
        max_words=None,
        epochs=20,
        smoothing=1e-3,
        random_state=None,
        store=None,
        redact=None,
    ) -> None:
        self.vectors = vectors
        self.pooling = pooling
        self.n_components = n_components
        self.window = window
        self.min_df = min_df
        self.max_words = max_words
        self.epochs = epochs
        self.smoothing = smoothing
        self.random_state = random_state
        self.store = store
        self.redact = redact

    def _fit(self, values, rows):
        self._check_parameters()
        self._check(values, rows)
        need_texts(values)
        sentences = [split_words(text) for text in values]
        if self.vectors is None:
            words, self.vectors_ = self._learn_vectors(sentences)
        else:
            words, self.vectors_ = _load(self.vectors, self.max_words)
        self.vocabulary_ = {word: row for row, word in enumerate(words)}
        bags = _bags(sentences, self.vocabulary_)
        self.word_weights_ = _word_weights(bags, self.pooling, self.smoothing)
        self.common_component_ = None
        if self.pooling == "sif":
            self.common_component_ = _common_component(self._means(bags))

    def _check_parameters(self):
        check_choice("pooling", self.pooling, POOLINGS)
        for name in ("n_components", "window", "min_df", "epochs"):
            check_count(name, getattr(self, name))
        if self.max_words is not None:
            check_count("max_words", self.max_words)
        if not (isinstance(self.smoothing, Real) and 0 < self.smoothing < np.inf):
            raise ValueError(
                f"smoothing must be a finite number above 0; got "
                f"{quoted(self.smoothing)}; pass one, such as 1e-3."
            )

    def _learn_vectors(self, sentences):
        """Words, and what word2vec makes of them."""
        words = frequent_words(sentences, self.min_df, self.max_words)
        vectors = _train(
            sentences,
            words,
            n_components=self.n_components,
            window=self.window,
            epochs=self.epochs,
            seed=check_random_state(self.random_state).randint(2**31 - 1),
        )
        return words, vectors

    def _means(self, bags):
        """Weighted means of vectors, NaN without a known word, (n, n_features_out)."""
        weighted = bags.copy()
        weighted.data *= self.word_weights_[weighted.indices]
        # "sif" divides by the number of words, whatever they weigh
        totals = (bags if self.pooling == "sif" else weighted).sum(axis=1)[:, None]
        sums = weighted @ self.vectors_
        return np.divide(sums, totals, out=np.full_like(sums, np.nan), where=totals > 0)

    def _check(self, values, rows):
        check_texts(values, rows)

    def _width(self):
        return self.vectors_.shape[1]

    def _encode(self, batch):
        sentences = [split_words(text) for text in batch]
        means = self._means(_bags(sentences, self.vocabulary_))
        if self.common_component_ is None:
            return means
        return _without(means, self.common_component_)

    def _depends_on(self):
        return {"vectors": None}  # what was learned holds them, wherever they are from
