"""One space: text finds pictures."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from skmmrec import FeatureTable, ModalityAligner

NAN = np.nan


def planted(n=400, missing=0.0, seed=0, rotation=False):
    """The same ten factors seen through two random maps, with noise."""
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((n, 10)) * np.linspace(2, 1, 10)
    blocks = {}
    for name, d in {"text": 40, "image": 25}.items():
        M = rng.standard_normal((10, d))
        if rotation:
            M = np.linalg.qr(M.T)[0].T * np.sqrt(d)
        block = factors @ M + 0.5 * rng.standard_normal((n, d))
        block[rng.random(n) < missing] = NAN
        blocks[name] = block
    return FeatureTable.from_blocks(blocks)


def rank_one(aligner, table):
    """Share of rows whose own picture is the nearest to their text."""
    images = aligner.transform(table).block("image")
    texts = aligner.project("text", table.block("text"))
    nearest = cosine_similarity(texts, images).argmax(axis=1)
    return np.mean(nearest == np.arange(len(table)))


def halves(table):
    """Rows to learn from, and rows to be found."""
    rows = np.arange(len(table))
    return table.take(rows[::2]), table.take(rows[1::2])


def test_text_finds_its_picture_among_two_hundred():
    """Of rows not learned from; chance is 1/200."""
    learned, new = halves(planted())
    assert rank_one(ModalityAligner(10).fit(learned), new) > 0.9


def test_rows_with_one_modality_do_not_harm():
    """Learned from where a third of each modality is missing."""
    learned, _ = halves(planted(missing=0.3))
    _, new = halves(planted())
    assert rank_one(ModalityAligner(10).fit(learned), new) > 0.8


def test_procrustes_turns_one_space_onto_the_other():
    """Where they are alike but for a rotation."""
    learned, new = halves(planted(rotation=True))
    aligner = ModalityAligner(10, method="procrustes").fit(learned)
    assert rank_one(aligner, new) > 0.9


def test_procrustes_keeps_the_distances_within_a_modality():
    """An orthogonal map of all components of the scaled block."""
    table = planted()
    aligner = ModalityAligner(40, method="procrustes").fit(table)
    before = np.linalg.norm(np.diff(table.block("text"), axis=0), axis=1)
    text = aligner.transform(table).block("text")
    after = np.linalg.norm(np.diff(text, axis=0), axis=1)
    np.testing.assert_allclose(after / before, after[0] / before[0], rtol=1e-4)


def test_procrustes_recovers_a_rotation():
    """The known answer: without noise the two blocks become the same."""
    rng = np.random.default_rng(0)
    text = rng.standard_normal((60, 4)) * [4, 3, 2, 1]
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    thirds = {"text": text, "image": 9 * text @ turn, "audio": text @ turn.T + 5}
    table = FeatureTable.from_blocks(thirds)
    aligned = ModalityAligner(4, method="procrustes").fit_transform(table)
    for name in ("image", "audio"):
        np.testing.assert_allclose(
            aligned.block(name), aligned.block("text"), atol=1e-4
        )


@pytest.mark.parametrize("method", ["cca", "procrustes"])
def test_modalities_stay_apart(method):
    """Same names, same mask, one width."""
    table = planted(missing=0.3)
    aligned = ModalityAligner(6, method=method).fit_transform(table)
    assert aligned.blocks == {"text": slice(0, 6), "image": slice(6, 12)}
    np.testing.assert_array_equal(aligned.present, table.present)
    assert not aligned.block("image")[~table.present[:, 1]].any()


def test_a_missing_query_stays_missing():
    """A row of NaN is no point of the space."""
    aligner = ModalityAligner(4).fit(planted())
    queries = np.zeros((2, 40))
    queries[1] = NAN
    projected = aligner.project("text", queries)
    assert np.isfinite(projected[0]).all()
    assert np.isnan(projected[1]).all()


def test_wrong_queries_are_named():
    """Modality, width."""
    aligner = ModalityAligner(4).fit(planted())
    with pytest.raises(ValueError, match=r"one of \['text', 'image'\]; got 'sound'"):
        aligner.project("sound", np.zeros((1, 40)))
    with pytest.raises(ValueError, match="40 columns that 'text' had in fit; got 25"):
        aligner.project("text", np.zeros((1, 25)))


def test_modalities_that_never_meet_are_warned_of():
    A = np.random.default_rng(0).standard_normal((20, 3))
    B = A.copy()
    A[10:], B[:10] = np.nan, np.nan
    with pytest.warns(UserWarning, match=r"got none for \['a', 'b'\]"):
        ModalityAligner().fit(FeatureTable.from_blocks({"a": A, "b": B}))
