"""Words as numbers in their order: exact, reproducible, fit for an embedding layer."""

import pickle

import numpy as np
import pytest
from sklearn import clone

from skmmrec.encoders import TokenSequenceEncoder

TITLES = ["Nail polish, red!", "nail polish remover", "red nail file", "a file"]


def test_words_are_numbered_by_frequency_and_then_by_the_alphabet():
    encoder = TokenSequenceEncoder(max_length=4, min_df=1).fit(TITLES)
    assert encoder.vocabulary_ == {
        **{"nail": 2, "file": 3, "polish": 4, "red": 5, "remover": 6},
    }
    assert encoder.transform(TITLES).tolist() == [
        *([2, 4, 5, 0], [2, 4, 6, 0], [5, 2, 3, 0], [3, 0, 0, 0]),
    ]


def test_equal_texts_count_once():
    encoder = TokenSequenceEncoder(min_df=1).fit(["tea", "tea", "tea", "oil", "oil x2"])
    assert encoder.vocabulary_ == {"oil": 2, "tea": 3, "x2": 4}


def test_rare_words_are_unknown():
    encoder = TokenSequenceEncoder(max_length=3).fit(TITLES)
    assert set(encoder.vocabulary_) == {"nail", "file", "polish", "red"}
    assert encoder.transform([TITLES[1]]).tolist() == [[2, 4, 1]]
    encoder = TokenSequenceEncoder(max_length=3, min_df=1, max_words=1).fit(TITLES)
    assert encoder.transform([TITLES[0]]).tolist() == [[2, 1, 1]]


def test_of_long_texts_the_beginning_is_kept():
    encoder = TokenSequenceEncoder(max_length=2, min_df=1).fit(TITLES)
    assert encoder.transform(["red nail file"]).tolist() == [[5, 2]]


def test_a_text_without_a_known_word_is_missing():
    encoder = TokenSequenceEncoder(max_length=2, min_df=1).fit(TITLES)
    column = ["!?", "quarks", None, "", "so many quarks: nail", "quarks nail"]
    gaps = np.isnan(encoder.transform(column)).all(axis=1)
    assert gaps.tolist() == [True, True, True, True, True, False]


def test_a_block_becomes_the_input_of_an_embedding_layer():
    torch = pytest.importorskip("torch")
    encoder = TokenSequenceEncoder(max_length=5, min_df=1)
    block = encoder.fit_transform([*TITLES, None])
    codes = torch.from_numpy(np.nan_to_num(block).astype(int))
    layer = torch.nn.Embedding(len(encoder.vocabulary_) + 2, 3, padding_idx=0)
    embedded = layer(codes)
    assert embedded.shape == (5, 5, 3)
    assert not embedded[4].any()


def test_large_numbers_are_exact():
    words = [f"w{number:06d}" for number in range(300_000)]
    texts = [" ".join(words[start : start + 100]) for start in range(0, 300_000, 100)]
    encoder = TokenSequenceEncoder(max_length=100, max_words=300_000, min_df=1)
    block = encoder.fit_transform(texts)
    assert block.dtype == np.float32
    np.testing.assert_array_equal(block.astype(int).ravel(), np.arange(2, 300_002))


def test_features_are_named_by_their_place():
    encoder = TokenSequenceEncoder(max_length=3).fit(TITLES)
    assert encoder.get_feature_names_out().tolist() == ["token0", "token1", "token2"]


def test_an_encoder_survives_clone_and_pickle():
    encoder = TokenSequenceEncoder().fit(TITLES)
    block = encoder.transform(TITLES)
    for copy in (pickle.loads(pickle.dumps(encoder)), clone(encoder).fit(TITLES)):
        np.testing.assert_array_equal(copy.transform(TITLES), block)


@pytest.mark.parametrize("name", ["max_length", "max_words", "min_df"])
def test_wrong_parameters_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1; got 0"):
        TokenSequenceEncoder(**{name: 0}).fit(TITLES)
    with pytest.raises(TypeError, match=f"{name} must be an integer; got float"):
        TokenSequenceEncoder(**{name: 2.5}).fit(TITLES)


def test_more_words_than_float32_can_number_are_refused():
    with pytest.raises(ValueError, match="max_words must be at most 16777214"):
        TokenSequenceEncoder(max_words=2**24).fit(TITLES)
    TokenSequenceEncoder(max_words=2**24 - 2).fit(TITLES)


@pytest.mark.parametrize("column", [[], [None, "", "  "]])
def test_texts_are_needed_to_learn_from(column):
    with pytest.raises(ValueError, match="at least one text to learn from; got none"):
        TokenSequenceEncoder().fit(column)


def test_a_word_frequent_enough_is_needed():
    with pytest.raises(ValueError, match="in 2 or more .* got 2 words in 2 texts"):
        TokenSequenceEncoder().fit(["tea tea", "cake"])


def test_what_is_not_text_is_named_by_its_row():
    with pytest.raises(TypeError, match="Texts must be str; got int in row 1"):
        TokenSequenceEncoder(min_df=1).fit(["tea", 7])
