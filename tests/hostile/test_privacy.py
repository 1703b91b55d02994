"""The tools for privacy under hostile tables, ids, texts and numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmmrec import Interactions, KAnonymousFilter, Pseudonymizer, privacy
from tests.hostile._judge import judge
from tests.hostile._strategies import HOSTILE, columns, junk, tables, world

COVERS = privacy.__all__


@pytest.fixture(autouse=True, scope="module")
def key():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKMMREC_KEY", "a key of thirty-two bytes or more, for tests")
        yield


@HOSTILE
@given(table=tables())
def test_pseudonyms_tell_apart_what_ids_tell_apart(table):
    """As many users as before, and none of their ids."""
    X, refusal = judge(lambda: Interactions(table))
    Z, again = judge(lambda: Pseudonymizer().fit_transform(table))
    if refusal is None and again is None:
        Z, users = Interactions(Z), set(map(repr, X.user_ids.tolist()))
        assert len(Z) == len(X)
        assert len(np.unique(Z.user_codes)) == len(np.unique(X.user_codes))
        assert not users & set(map(repr, Z.user_ids.tolist()))


@HOSTILE
@given(ids=columns())
def test_lists_of_ids_get_pseudonyms(ids):
    names, refusal = judge(lambda: Pseudonymizer().fit(world()).pseudonyms(ids))
    if refusal is None:
        assert all(isinstance(name, str) for name in names)


@HOSTILE
@given(table=tables(), users=st.one_of(st.integers(1, 3), junk))
def test_what_is_kept_was_had_by_so_many(table, users):
    kept, refusal = judge(lambda: KAnonymousFilter(min_users=users).filter(table))
    if refusal is None and len(kept := Interactions(kept)):
        pairs = np.unique(np.column_stack([kept.user_codes, kept.item_codes]), axis=0)
        assert np.unique(pairs[:, 1], return_counts=True)[1].min() >= users


@HOSTILE
@given(text=st.one_of(st.text(), junk))
def test_texts_are_redacted_or_refused(text):
    redacted, refusal = judge(lambda: privacy.redact_personal_data(text))
    assert refusal is not None or isinstance(redacted, str)


@HOSTILE
@given(
    noise=st.one_of(st.floats(), st.lists(st.floats(0.1, 9), max_size=3), junk),
    delta=st.one_of(st.floats(0, 1), junk),
)
def test_noise_and_its_epsilon_belong_together(noise, delta):
    """The noise that an epsilon needs has that epsilon."""
    epsilon, refusal = judge(lambda: privacy.gaussian_epsilon(noise, delta))
    if refusal is None and np.ndim(noise) == 0 and 1e-3 < epsilon < 1e3:
        again = privacy.gaussian_noise_multiplier(float(epsilon), delta)
        np.testing.assert_allclose(again, noise, rtol=1e-3)
