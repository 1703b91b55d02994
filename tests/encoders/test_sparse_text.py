"""Words without a model: close in words is close in space."""

import numpy as np
import pytest

from skmmrec.encoders import SparseTextEncoder
from tests._shared import shared

SPACE = ["a rocket flies to the moon", "the moon rocket crew", "astronauts on the moon"]
FOOD = ["tea and cake", "a cake baked with tea", "bread, cake and butter"]


@pytest.mark.parametrize("vectorizer", ["tfidf", "count", "hashing"])
def test_texts_that_share_words_are_close(vectorizer):
    encoder = SparseTextEncoder(vectorizer, stop_words="english", random_state=0)
    features = encoder.fit_transform([*SPACE, *FOOD])
    cosines = features @ features.T
    assert cosines[:3, 3:].max() < 0.01
    assert cosines[0, 1] > 0.2
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("vectorizer", ["tfidf", "count", "hashing"])
def test_components_are_as_many_as_the_texts_allow(vectorizer):
    encoder = SparseTextEncoder(vectorizer, n_components=128, random_state=0)
    assert encoder.fit_transform([*SPACE, *FOOD]).shape == (6, 6)
    assert encoder.fit_transform(["tea"]).tolist() in ([[1.0]], [[-1.0]])


def test_a_text_without_a_known_word_is_missing():
    encoder = SparseTextEncoder(n_components=4, random_state=0).fit([*SPACE, *FOOD])
    features = encoder.transform(["quarks", "!?", "tea", SPACE[0]])
    assert np.isnan(features).all(axis=1).tolist() == [True, True, False, False]


def test_the_same_seed_gives_the_same_features():
    first, second = (
        SparseTextEncoder(random_state=3).fit_transform([*SPACE, *FOOD])
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_settings_reach_the_vectorizer():
    encoder = SparseTextEncoder(
        ngram_range=(1, 2), min_df=2, stop_words=["the"], random_state=0
    ).fit([*SPACE, *FOOD])
    assert set(encoder.vectorizer_.vocabulary_) == {
        *("and", "cake", "moon", "rocket", "tea"),
    }


def test_plots_find_films_of_their_genre():
    pd = pytest.importorskip("pandas")
    folder = shared("data/movielens-small")
    films = pd.read_csv(folder / "content.csv").merge(
        pd.read_csv(folder / "movies.csv"), on="movieId"
    )
    encoder = SparseTextEncoder(stop_words="english", random_state=0)
    features = encoder.fit_transform(films["plot"])
    known = ~np.isnan(features).any(axis=1)
    cosines = features[known] @ features[known].T
    np.fill_diagonal(cosines, -1)
    nearest = cosines.argmax(axis=1)
    genres = films["genres"][known].str.get_dummies("|").to_numpy()
    at_random = np.random.default_rng(0).permutation(len(genres))
    found, by_chance = (
        (genres * genres[other]).any(axis=1).mean() for other in (nearest, at_random)
    )
    assert found > by_chance + 0.1


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        (
            {"vectorizer": "bm25"},
            ValueError,
            "vectorizer must be one of 'tfidf'.*'bm25'",
        ),
        ({"n_components": 0}, ValueError, "n_components must be at least 1; got 0"),
        (
            {"n_components": 2.5},
            TypeError,
            "n_components must be an integer; got float",
        ),
    ],
)
def test_wrong_parameters_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        SparseTextEncoder(**parameters).fit(SPACE)


@pytest.mark.parametrize("column", [[], [None, "", "  "]])
def test_texts_are_needed_to_learn_from(column):
    with pytest.raises(ValueError, match="at least one text to learn from; got none"):
        SparseTextEncoder().fit(column)


def test_what_is_not_text_is_named_by_its_row():
    encoder = SparseTextEncoder(random_state=0).fit(SPACE)
    with pytest.raises(TypeError, match="Texts must be str; got int in row 2"):
        encoder.transform(["tea", None, 1984])
    with pytest.raises(TypeError, match="Texts must be str; got bytes in row 0"):
        SparseTextEncoder().fit([b"tea"])
