"""Files of word vectors in the formats of word2vec and GloVe, read as data only.

gensim's reader is not used: it follows addresses, repeats a number where a line is too
short, and stumbles over words with a space, as GloVe has.
"""

import gzip
import os
import zlib
from itertools import chain, islice
from pathlib import Path

import numpy as np

from skmmrec._quote import quoted, reason

PICKLE = b"\x80"  # how a pickle begins, and no text in UTF-8
MOST_COMPONENTS = 2**16  # a header that asks for more is damaged
LONGEST_LINE, LONGEST_WORD = 2**20, 2**12  # in bytes
UNREADABLE = (ValueError, EOFError, OSError, zlib.error)


def read_word_vectors(path, max_words=None):
    """Words and their vectors, in the order of the file.

    Parameters
    ----------
    path : str or Path
        ".bin" is word2vec's binary format, anything else text, with word2vec's header
        or, like GloVe, without; ".gz" at the end is decompressed.
    max_words : int, default=None
        Read only that many.

    Returns
    -------
    words : list of str
    vectors : ndarray of float32 of shape (n_words, d)

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it has another format, or is a pickle.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"vectors must be a file, if a path; got {quoted(os.fspath(path))}, where "
            f"there is none; correct the path."
        )
    try:
        with _opened(path) as file:
            first = file.readline(LONGEST_LINE)
            if not first.startswith(PICKLE):
                read = _binary if _is_binary(path) else _text
                words, vectors = zip(*read(file, first, max_words))
                return list(words), np.stack(vectors)
    except UNREADABLE as error:
        raise ValueError(
            f"vectors must be a file in the format of word2vec (.bin or text) or GloVe "
            f"(text); got {quoted(os.fspath(path))}, which cannot be read as such "
            f"({reason(error)}); convert it."
        ) from error
    raise ValueError(
        f"vectors must be a file that holds data only; got {quoted(os.fspath(path))}, "
        f"a pickle, which could run any code; save the vectors by gensim's "
        f"save_word2vec_format, or, if you trust the file, open it yourself and pass "
        f"the KeyedVectors."
    )


def _opened(path):
    return gzip.open(path) if Path(path).suffix == ".gz" else open(path, "rb")


def _is_binary(path):
    return Path(path).name.removesuffix(".gz").endswith(".bin")


def _header(line):
    """Numbers of words and of components; None if a line does not give them."""
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() for field in fields):
        return None
    n_words, n_components = map(int, fields)
    if not 0 < n_components <= MOST_COMPONENTS:
        raise ValueError(f"vectors of {n_components} numbers")
    return n_words, n_components


def _text(file, first, max_words):
    """Word and vector of each line; spaces within words are theirs."""
    header = _header(first)
    n_words, n_components = header or (None, len(first.split()) - 1)
    if n_components < 1:
        raise ValueError("the first line holds no vector")
    lines = filter(bytes.strip, file if header else chain([first], file))
    number = 0
    for number, line in enumerate(islice(lines, max_words), 1):
        word, *numbers = line.rstrip().rsplit(maxsplit=n_components)
        if len(numbers) != n_components:
            raise ValueError(f"vector {number} is not of {n_components} numbers")
        yield word.decode(), _numbers(numbers, number)
    _check_length(number, n_words, max_words)


def _numbers(fields, number):
    """The numbers of a vector; those that float32 does not hold become infinite."""
    try:
        with np.errstate(over="ignore"):
            return np.array(list(map(float, fields))).astype(np.float32)
    except ValueError:
        raise ValueError(f"vector {number} is not of numbers") from None


def _binary(file, first, max_words):
    """Word and vector of each record: the word, a space, the numbers as bytes."""
    header = _header(first)
    if header is None:
        raise ValueError("the first line does not give the number of words")
    n_words, n_components = header
    for number in range(n_words if max_words is None else min(n_words, max_words)):
        word = bytearray()
        while (byte := file.read(1)) != b" ":
            if not byte or len(word) == LONGEST_WORD:
                raise EOFError(f"word {number + 1} has no end")
            word += byte
        content = file.read(4 * n_components)
        if len(content) < 4 * n_components:
            raise EOFError(f"vector {number + 1} is cut off")
        # the original program ends each vector by a new line, gensim does not; it also
        # cuts long words within a character
        text = word.lstrip(b"\n").decode(errors="replace")
        yield text, np.frombuffer(content, dtype="<f4")


def _check_length(n_read, n_words, max_words):
    """Refuse a text that ends before the number of words its header gives."""
    if n_words is not None and n_read < min(n_words, max_words or n_words):
        raise EOFError(f"{n_read} of {n_words} vectors")
