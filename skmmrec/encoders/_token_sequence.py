"""Text as numbered words in their order, for networks that learn their own vectors."""

import numpy as np

from skmmrec.encoders._base import BaseEncoder, check_texts
from skmmrec.encoders._checks import check_count
from skmmrec.encoders._words import frequent_words, need_texts, split_words

PADDING, UNKNOWN = 0, 1
N_SPECIAL = 2  # words are numbered from here
N_EXACT = 2**24  # float32 holds every integer up to here


class TokenSequenceEncoder(BaseEncoder):
    """Numbers of the words of a text, in their order, in a block of fixed width.

    For networks that are trained end to end and begin with an embedding layer. The
    numbers are names, not amounts: nothing that computes distances or products should
    be given them; for that, see `WordVectorEncoder` or `SparseTextEncoder`.

    Parameters
    ----------
    max_length : int, default=64
        Number of features; of longer texts the first words are kept.
    max_words : int, default=20000
        Number that many of the most frequent words; any other is unknown.
    min_df : int, default=2
        Least number of the distinct texts a word must be in to get a number. With 1, no
        text of `fit` has an unknown word, and a network never learns what that means.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features; seldom worth it, as they are counted quickly, and made anew
        where the texts of `fit` differ. A store for all (`set_config`) is not used.
    redact : callable, default=None
        Takes a text, and returns it without what must not be kept: before it is encoded
        or learned from, such as `skmmrec.privacy.redact_personal_data`.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Number of each word, from 2 on: the most frequent first, ties by the alphabet.

    See Also
    --------
    SparseTextEncoder : By counts of words, without their order.
    WordVectorEncoder : By the mean of word vectors.

    Notes
    -----
    0 stands for padding, at the end, and 1 for an unknown word. The block is of float32
    like that of any other encoder; all numbers are below 2**24 and so exact. To turn it
    into the input of an embedding layer with ``len(encoder.vocabulary_) + 2`` rows,
    write ``np.nan_to_num(block).astype(int)``, by which a missing text is all padding.

    Words are in lower case, of two and more letters, digits or underscores, as
    scikit-learn's `CountVectorizer` splits texts. A text without a known word among
    those that are kept has nothing to be placed by: like a missing text it becomes a
    row of NaN.

    References
    ----------
    Collobert, Weston, Bottou, Karlen, Kavukcuoglu and Kuksa (2011). Natural language
    processing (almost) from scratch. Journal of Machine Learning Research 12, section
    3.2, on lookup tables.

    Examples
    --------
    >>> import numpy as np
    >>> from skmmrec.encoders import TokenSequenceEncoder
    >>> titles = ["red nail polish", "nail polish remover", "red dress", None]
    >>> encoder = TokenSequenceEncoder(max_length=4)
    >>> block = encoder.fit_transform(titles)
    >>> block
    array([[ 4.,  2.,  3.,  0.],
           [ 2.,  3.,  1.,  0.],
           [ 4.,  1.,  0.,  0.],
           [nan, nan, nan, nan]], dtype=float32)
    >>> encoder.vocabulary_
    {'nail': 2, 'polish': 3, 'red': 4}
    >>> np.nan_to_num(block).astype(int)[3]
    array([0, 0, 0, 0])
    """

    _noun = "text"
    _in_streams = False  # looking up words leaves no room for a second thread
    _libraries = ("scikit-learn",)

    def __init__(
        self, max_length=64, max_words=20000, min_df=2, store=None, redact=None
    ) -> None:
        self.max_length = max_length
        self.max_words = max_words
        self.min_df = min_df
        self.store = store
        self.redact = redact

    def _names(self):
        return [f"token{place}" for place in range(self._n_features_out)]

    def _fit(self, values, rows):
        for name in ("max_length", "max_words", "min_df"):
            check_count(name, getattr(self, name))
        if self.max_words > N_EXACT - N_SPECIAL:
            raise ValueError(
                f"max_words must be at most {N_EXACT - N_SPECIAL}, as float32 holds no "
                f"larger numbers exactly; got {self.max_words}; lower it."
            )
        self._check(values, rows)
        need_texts(values)
        sentences = [split_words(text) for text in values]
        words = frequent_words(sentences, self.min_df, self.max_words)
        self.vocabulary_ = {word: code for code, word in enumerate(words, N_SPECIAL)}

    def _check(self, values, rows):
        check_texts(values, rows)

    def _width(self):
        return self.max_length

    def _encode(self, batch):
        block = np.full((len(batch), self._n_features_out), PADDING, dtype=np.float32)
        for row, text in zip(block, batch):
            words = split_words(text)[: len(row)]
            row[: len(words)] = [self.vocabulary_.get(word, UNKNOWN) for word in words]
        block[(block < N_SPECIAL).all(axis=1)] = np.nan
        return block
