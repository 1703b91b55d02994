"""Words of texts: how they are told apart, and which of them are worth a number."""

from collections import Counter

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

# lower case, runs of two and more letters, digits and underscores
split_words = CountVectorizer().build_analyzer()


def need_texts(values):
    """Refuse a column without any text to learn from.

    Parameters
    ----------
    values : list of str

    Raises
    ------
    ValueError
    """
    if not values:
        raise ValueError(
            "X must hold at least one text to learn from; got none, all are missing; "
            "pass the texts of the catalogue."
        )


def frequent_words(sentences, min_df=1, max_words=None):
    """Words by how often they occur, the most frequent first, ties by the alphabet.

    Parameters
    ----------
    sentences : list of list of str
    min_df : int, default=1
        Least number of sentences a word must be in.
    max_words : int, default=None
        Keep only that many.

    Returns
    -------
    words : list of str, not empty

    Raises
    ------
    ValueError
        If no word is in so many sentences.
    """
    counts, frequency = Counter(), Counter()
    for sentence in sentences:
        counts.update(sentence)
        frequency.update(set(sentence))
    words = [word for word in counts if frequency[word] >= min_df]
    if not words:
        raise ValueError(
            f"X must hold a word that is in {min_df} or more of its distinct texts; "
            f"got {len(counts)} words in {len(sentences)} texts, none of which is; "
            f"lower min_df, or pass longer texts."
        )
    return sorted(words, key=lambda word: (-counts[word], word))[:max_words]


def known_words(sentences, vocabulary):
    """Numbers of the words that are known, of all sentences in one array.

    Parameters
    ----------
    sentences : list of list of str
    vocabulary : dict of str to int

    Returns
    -------
    codes : ndarray of int of shape (n_known,)
    ends : ndarray of int of shape (len(sentences) + 1,)
        Sentence i has the codes from ``ends[i]`` to ``ends[i + 1]``.
    """
    codes, ends = [], [0]
    for sentence in sentences:
        codes += [vocabulary[word] for word in sentence if word in vocabulary]
        ends.append(len(codes))
    return np.array(codes, dtype=np.intp), np.array(ends, dtype=np.intp)
