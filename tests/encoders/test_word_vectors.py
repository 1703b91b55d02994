"""Word vectors: used alike is close, pooled as written, the same every time."""

import os
import pickle
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmmrec.encoders import EmbeddingStore, WordVectorEncoder
from tests._shared import shared

POOLINGS = ("mean", "sif", "tfidf")
VECTORS = {"ship": [1.0, 0.0], "boat": [0.8, 0.2], "tea": [0.0, 1.0], "the": [1.0, 1.0]}
TEXTS = ["the ship", "The boat, the tea", "tea & unknown", "tea ship boat"]
SEED_SCRIPT = """
from skmmrec.encoders import WordVectorEncoder
texts = [f"word{i % 7} thing{i % 5} some{i % 3}" for i in range(60)]
encoder = WordVectorEncoder(n_components=8, epochs=3, random_state=0).fit(texts)
print(encoder.vectors_.tobytes().hex(), list(encoder.vocabulary_))
"""


@pytest.fixture
def word2vec():
    return pytest.importorskip("gensim.models")


def planted(n=600):
    """Texts in which "crimson" and "scarlet" are used alike, "teapot" is not."""
    rng = np.random.default_rng(0)
    colours = ["lipstick", "gloss", "blush", "nail", "varnish"]
    kitchen = ["kettle", "cup", "saucer", "spoon", "sugar"]
    texts = []
    for number in range(n):
        word = ("crimson", "scarlet", "teapot")[number % 3]
        others = rng.permutation(kitchen if word == "teapot" else colours)[:3]
        texts.append(" ".join([*others[:2], word, others[2]]))
    return texts


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_words_used_alike_are_close(word2vec):
    # with few words, most of their occurrences are skipped as too frequent
    encoder = WordVectorEncoder(n_components=16, epochs=150, random_state=0)
    encoder.fit(planted())
    crimson, scarlet, teapot = encoder.transform(["crimson", "scarlet", "teapot"])
    assert cosine(crimson, scarlet) > cosine(crimson, teapot) + 0.3


def test_the_mean_is_that_of_the_known_words():
    features = WordVectorEncoder(VECTORS).fit_transform(TEXTS)
    expected = [[1, 0.5], [2.8 / 4, 3.2 / 4], [0, 1], [0.6, 0.4]]
    np.testing.assert_allclose(features, expected, rtol=1e-6)


def test_tfidf_weighs_words_as_scikit_learn_does():
    weigher = TfidfVectorizer(vocabulary=list(VECTORS), norm=None)
    weights = weigher.fit_transform(TEXTS).toarray()
    expected = weights @ list(VECTORS.values()) / weights.sum(axis=1, keepdims=True)
    features = WordVectorEncoder(VECTORS, pooling="tfidf").fit_transform(TEXTS)
    np.testing.assert_allclose(features, expected, rtol=1e-5)


def test_sif_is_that_of_the_paper():
    matrix = np.array(list(VECTORS.values()))
    counts = np.array([[1, 0, 0, 1], [0, 1, 1, 2], [0, 0, 1, 0], [1, 1, 1, 0]])
    shares = np.array([2, 2, 3, 3]) / 10
    means = counts * (0.1 / (0.1 + shares)) @ matrix / counts.sum(1, keepdims=True)
    u = np.linalg.svd(means)[2][0]
    encoder = WordVectorEncoder(VECTORS, pooling="sif", smoothing=0.1)
    features = encoder.fit_transform(TEXTS)
    np.testing.assert_allclose(features, means - np.outer(means @ u, u), atol=1e-6)
    # learned in fit: another column does not change it
    np.testing.assert_array_equal(encoder.transform(TEXTS[:1]), features[:1])
    assert abs(encoder.common_component_ @ u) == pytest.approx(1, abs=1e-6)


def test_sif_leaves_nothing_of_a_single_text():
    features = WordVectorEncoder(VECTORS, pooling="sif").fit_transform(["the ship"])
    assert np.isnan(features).all()


def test_sif_without_any_known_word_removes_nothing():
    encoder = WordVectorEncoder(VECTORS, pooling="sif").fit(["quarks"])
    assert encoder.transform(["ship"]).tolist() == [VECTORS["ship"]]


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_without_a_known_word_is_missing(pooling):
    encoder = WordVectorEncoder(VECTORS, pooling=pooling).fit(TEXTS)
    features = encoder.transform(["quarks", "!?", None, "", "ship quarks"])
    gaps = np.isnan(features).all(axis=1)
    assert gaps.tolist() == [True, True, True, True, False]


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize(
    "name", ["words.bin", "words.txt", "words.vec", "words.bin.gz"]
)
def test_saved_vectors_give_the_same_features(word2vec, tmp_path, pooling, name):
    texts = planted(60)
    settings = {"pooling": pooling, "n_components": 8, "random_state": 0}
    learned = WordVectorEncoder(**settings).fit(texts)
    table = word2vec.KeyedVectors(8)
    table.add_vectors(list(learned.vocabulary_), learned.vectors_)
    path = tmp_path / name
    table.save_word2vec_format(str(path), binary=".bin" in name)
    expected = learned.transform(texts)
    for vectors in (path, str(path), table):
        features = WordVectorEncoder(vectors, pooling=pooling).fit_transform(texts)
        np.testing.assert_allclose(features, expected, atol=1e-6)
    again = dict(zip(learned.vocabulary_, learned.vectors_))
    features = WordVectorEncoder(again, pooling=pooling).fit_transform(texts)
    np.testing.assert_array_equal(features, expected)


def test_a_trained_model_is_taken_by_its_vectors(word2vec):
    sentences = [text.split() for text in planted(60)]
    model = word2vec.Word2Vec(sentences, vector_size=4, min_count=1, workers=1)
    features = WordVectorEncoder(model).fit_transform(["crimson"])
    np.testing.assert_array_equal(features[0], model.wv["crimson"])


def test_files_of_glove_have_no_header(tmp_path):
    path = tmp_path / "glove.txt"
    lines = [f"{word} {' '.join(map(str, row))}\n" for word, row in VECTORS.items()]
    path.write_text("".join(lines))
    features = WordVectorEncoder(path).fit_transform(TEXTS)
    np.testing.assert_array_equal(
        features, WordVectorEncoder(VECTORS).fit_transform(TEXTS)
    )
    encoder = WordVectorEncoder(path, max_words=2).fit(TEXTS)
    assert list(encoder.vocabulary_) == ["ship", "boat"]


def test_words_of_a_file_may_hold_spaces(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("ship 1 2\n. . 3 4\ntea 5 6 \n\n")
    encoder = WordVectorEncoder(path).fit(["ship"])
    assert encoder.transform(["ship", "tea"]).tolist() == [[1, 2], [5, 6]]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_binary_files_of_both_programs_are_read(tmp_path, end):
    path = tmp_path / "words.bin"
    records = [
        word.encode() + b" " + np.array(row, "<f4").tobytes() + end
        for word, row in VECTORS.items()
    ]
    path.write_bytes(b"4 2\n" + b"".join(records))
    encoder = WordVectorEncoder(path).fit(TEXTS)
    np.testing.assert_allclose(encoder.vectors_, list(VECTORS.values()))
    encoder = WordVectorEncoder(path, max_words=3).fit(TEXTS)
    assert list(encoder.vocabulary_) == ["ship", "boat", "tea"]


def test_pickles_are_refused_and_not_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "opened"),)

    for name in ("words.kv", "words.bin"):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(Trap()))
        with pytest.raises(ValueError, match="holds data only; got .* a pickle"):
            WordVectorEncoder(path).fit(TEXTS)
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("prose.txt", b"this is a letter\nand no table\n"),
        ("short.txt", b"3 2\nship 1 0\n"),
        ("ragged.txt", b"2 2\nship 1 0\nboat 1\n"),
        ("endless.txt", b"1 99999999999\nship 1\n"),
        ("cut.bin", b"2 2\nship \x00\x00"),
        ("cut_in_a_word.bin", b"2 1\nship abcdboa"),
        ("endless.bin", b"9 99999999999\nship 1"),
        ("noise.bin", bytes(range(1, 120))),
        ("damaged.txt.gz", b"no gzip at all"),
    ],
)
def test_a_damaged_file_is_one_error(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"got '.*{name}', which cannot be read"):
        WordVectorEncoder(tmp_path / name).fit(TEXTS)


@pytest.mark.parametrize("path", ["no/such.txt", "https://example.org/words.txt"])
def test_a_path_must_be_that_of_a_file(path):
    with pytest.raises(FileNotFoundError, match="vectors must be a file, if a path"):
        WordVectorEncoder(path).fit(TEXTS)


def test_words_are_found_whatever_their_case():
    vectors = {"Paris": [1], "US": [2], "us": [3], "PARIS": [4], "New_York": [5]}
    vectors.update({".": [6], "a": [7], "ice-cream": [8]})
    encoder = WordVectorEncoder(vectors)
    features = encoder.fit_transform(["paris", "US", "new_york", "a .", "ice-cream"])
    np.testing.assert_array_equal(features[:, 0], [1, 3, 5, np.nan, np.nan])
    assert list(encoder.vocabulary_) == ["paris", "us", "new_york"]


@pytest.mark.parametrize(
    ("vectors", "error", "message"),
    [
        (7, TypeError, "vectors must be a path.*; got int"),
        ({}, ValueError, "vectors must hold finite numbers"),
        ({"tea": [1, 2], "oil": [1]}, ValueError, "vectors must hold finite numbers"),
        ({"tea": 1.0}, ValueError, "vectors must hold finite numbers"),
        ({"tea": ["x"]}, ValueError, "vectors must hold finite numbers"),
        ({"tea": [np.nan]}, ValueError, "vectors must hold finite numbers"),
        ({"!": [1.0]}, ValueError, "vectors must know a word.* got 1 entries"),
    ],
)
def test_what_is_no_table_of_vectors_is_refused(vectors, error, message):
    with pytest.raises(error, match=message):
        WordVectorEncoder(vectors).fit(TEXTS)


def test_the_same_seed_gives_the_same_features(word2vec):
    def features(seed):
        encoder = WordVectorEncoder(n_components=8, random_state=seed)
        return encoder.fit_transform(planted(90))

    np.testing.assert_array_equal(features(3), features(3))
    assert not np.allclose(features(3), features(4))
    seeded = [features(np.random.RandomState(5)) for _ in range(2)]
    np.testing.assert_array_equal(*seeded)


def test_the_seed_holds_across_processes(word2vec):
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SEED_SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("pooling", POOLINGS)
def test_an_encoder_survives_clone_and_pickle(word2vec, pooling):
    texts = [*planted(60), None]
    encoder = WordVectorEncoder(pooling=pooling, n_components=8, random_state=0)
    features = encoder.fit_transform(texts)
    for copy in (pickle.loads(pickle.dumps(encoder)), clone(encoder).fit(texts)):
        np.testing.assert_array_equal(copy.transform(texts), features)


def test_encoding_needs_no_extra(word2vec, monkeypatch):
    encoder = WordVectorEncoder(n_components=4, random_state=0).fit(planted(60))
    monkeypatch.setitem(sys.modules, "gensim", None)
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    copy = pickle.loads(pickle.dumps(encoder))
    assert np.isfinite(copy.transform(["crimson"])).all()
    with pytest.raises(ImportError, match=r"skmmrec\[words\]"):
        copy.fit(planted(60))


def test_fitted_attributes_are_arrays_and_plain_containers(word2vec):
    encoder = WordVectorEncoder(pooling="sif", n_components=4, random_state=0)
    encoder.fit(planted(60))
    assert encoder.vectors_.dtype == encoder.word_weights_.dtype == np.float32
    assert {type(word) for word in encoder.vocabulary_} == {str}
    assert {type(row) for row in encoder.vocabulary_.values()} == {int}
    assert len(pickle.dumps(encoder)) < 3000


def test_rare_words_are_not_learned(word2vec):
    texts = ["red tea", "red tea", "red tea pot", "green tea"]
    settings = {"n_components": 2, "random_state": 0}
    assert list(WordVectorEncoder(**settings).fit(texts).vocabulary_) == ["tea", "red"]
    every = WordVectorEncoder(min_df=1, **settings).fit(texts)
    assert list(every.vocabulary_) == ["tea", "red", "green", "pot"]
    one = WordVectorEncoder(max_words=1, **settings).fit(texts)
    assert list(one.vocabulary_) == ["tea"]


def test_a_store_remembers_by_what_was_learned(tmp_path):
    store = EmbeddingStore(tmp_path / "store")
    features = WordVectorEncoder(VECTORS, store=store).fit_transform(TEXTS)
    changed = {**VECTORS, "tea": [0.5, 0.5]}
    others = WordVectorEncoder(changed, store=store).fit_transform(TEXTS)
    assert not np.allclose(features, others)
    again = WordVectorEncoder(dict(VECTORS), store=store).fit_transform(TEXTS)
    np.testing.assert_array_equal(again, features)


@pytest.fixture(scope="module")
def beauty():
    """Titles of Amazon Beauty whose first attribute is one of the ten most frequent."""
    pd = pytest.importorskip("pandas")
    items = pd.read_csv(shared("data/amazon-beauty") / "items.csv")
    items = items.dropna(subset=["title"])
    top = items["attributes"].str.split("|").str[0]
    frequent = top.isin(top.value_counts().index[:10]).to_numpy()
    return items["title"].tolist(), frequent, top[frequent].to_numpy()


def accuracy(encoder, beauty):
    """Of the first attribute, predicted from the vector of the title."""
    titles, frequent, labels = beauty
    features = encoder.fit_transform(titles)[frequent]
    known = ~np.isnan(features).any(axis=1)
    probe = make_pipeline(StandardScaler(), RidgeClassifier())
    return cross_val_score(probe, features[known], labels[known], cv=5).mean()


@pytest.mark.parametrize("pooling", POOLINGS)
def test_titles_tell_the_kind_of_product(word2vec, beauty, pooling):
    encoder = WordVectorEncoder(pooling=pooling, epochs=5, random_state=0)
    assert accuracy(encoder, beauty) > 0.7  # the most frequent attribute: 0.3


def test_ten_thousand_titles_are_encoded_in_seconds(word2vec, beauty):
    titles, _, _ = beauty
    encoder = WordVectorEncoder(n_components=50, epochs=1, random_state=0).fit(titles)
    start = time.perf_counter()
    encoder.transform(titles)
    assert time.perf_counter() - start < 5  # about 0.3 on a free machine


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"pooling": "max"}, ValueError, "pooling must be one of 'mean'.*'max'"),
        ({"n_components": 0}, ValueError, "n_components must be at least 1; got 0"),
        ({"window": 2.5}, TypeError, "window must be an integer; got float"),
        ({"min_df": 0}, ValueError, "min_df must be at least 1; got 0"),
        ({"max_words": 0}, ValueError, "max_words must be at least 1; got 0"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1; got 0"),
        (
            {"smoothing": 0},
            ValueError,
            "smoothing must be a finite number above 0; got 0",
        ),
    ],
)
def test_wrong_parameters_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        WordVectorEncoder(VECTORS, **parameters).fit(TEXTS)


@pytest.mark.parametrize("column", [[], [None, "", "  "]])
def test_texts_are_needed_to_learn_from(column):
    with pytest.raises(ValueError, match="at least one text to learn from; got none"):
        WordVectorEncoder().fit(column)


def test_a_word_frequent_enough_is_needed():
    with pytest.raises(ValueError, match="in 2 or more .* got 2 words in 2 texts"):
        WordVectorEncoder().fit(["tea tea", "cake"])


def test_what_is_not_text_is_named_by_its_row():
    encoder = WordVectorEncoder(VECTORS).fit(TEXTS)
    with pytest.raises(TypeError, match="Texts must be str; got int in row 2"):
        encoder.transform(["tea", None, 1984])
