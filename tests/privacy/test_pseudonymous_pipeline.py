"""A pipeline with a Pseudonymizer is asked by the ids that it was given, everywhere."""

import numpy as np
import pytest

from skmmrec import (
    ContentRecommender,
    ItemKNNRecommender,
    MultimodalFusion,
    PopularityRecommender,
    RandomHoldout,
    RecommendationDisplay,
    SparseTextEncoder,
    TabularEncoder,
    VotingRecommender,
    compare,
    explain,
    get_scorer,
    make_pipeline,
    modality_effect,
    modality_importance,
    occlusion,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.privacy import Pseudonymizer

X = make_multimodal_shop(50, 40, shares={"text": 3, "tabular": 1}, random_state=0)
CV = RandomHoldout(0.3, random_state=0)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("SKMMREC_KEY", "0123456789abcdef" * 2)


def pipeline(*first):
    text = SparseTextEncoder(n_components=8, random_state=0)
    fusion = MultimodalFusion(
        [("text", text, "description"), ("table", TabularEncoder(), ["price", "tags"])]
    )
    return make_pipeline(*first, fusion, ContentRecommender())


@pytest.fixture
def pair():
    """The same fitted model, without and with pseudonyms of users."""
    return pipeline().fit(X), pipeline(Pseudonymizer()).fit(X)


def equal(first, second):
    """Whether two reports have the same columns, but for rounding."""
    assert list(first) == list(second)
    for column in first:
        if isinstance(first[column][0], str):
            assert first[column] == second[column]
        else:
            np.testing.assert_allclose(first[column], second[column], rtol=1e-6)


@pytest.mark.filterwarnings("ignore:X must hold held-out")
@pytest.mark.parametrize(
    "judge",
    [
        lambda pipe: modality_effect(pipe, X, CV, "text", random_state=0),
        lambda pipe: modality_importance(pipe, X, CV),
        lambda pipe: modality_importance(pipe.fit(X), X),
    ],
)
def test_judgements_are_those_of_the_pipeline_without(judge):
    """By the same users, with the same figures."""
    equal(judge(pipeline()), judge(pipeline(Pseudonymizer())))


def test_compare_takes_each_user_for_one():
    """And finds no difference where there is none."""
    pipes = {"plain": pipeline(), "pseudonyms": pipeline(Pseudonymizer())}
    table = compare(pipes, X, CV, random_state=0)
    assert table["n_users"] == [50, 50]
    assert table["mean"][0] == pytest.approx(table["mean"][1])


def test_values_of_users_come_by_the_ids_of_the_events(pair):
    """As `per_user` says."""
    ((train, test),) = CV.split(X)
    found = [
        get_scorer("ndcg@5").per_user(pipe.fit(X[train]), X[test]) for pipe in pair
    ]
    (plain, values), (ids, others) = found
    assert dict(zip(ids, others)) == pytest.approx(dict(zip(plain, values)))


def test_groups_are_by_the_ids_of_the_events(pair):
    """Of users; a mapping is looked up by pseudonym."""
    groups = {u: f"group {n % 2}" for n, u in enumerate(X.user_vocabulary.ids)}
    scorer = get_scorer("ndcg@5", user_groups=groups)
    plain, other = (scorer.by_group(pipe, X) for pipe in pair)
    assert other == pytest.approx(plain)


@pytest.mark.parametrize("history", [None, {"user": ["new"], "item": X.item_ids[:1]}])
def test_reasons_are_those_of_the_pipeline_without(pair, history):
    """For users by their ids, also for new ones with a history."""
    user = "new" if history else X.user_ids[0]
    item = X.item_ids[-1]
    plain, other = (explain(pipe, user, item, X, history=history) for pipe in pair)
    assert other.user == user
    assert other.score == pytest.approx(plain.score)
    assert other.modalities == pytest.approx(plain.modalities)
    assert [i for i, _ in other.items] == [i for i, _ in plain.items]


def test_a_pseudonym_is_no_id_of_the_pipeline(pair):
    """It would be taken for a stranger."""
    (name,) = pair[1][0].pseudonyms(X.user_ids[:1])
    with pytest.raises(ValueError, match="user must be known from fit"):
        explain(pair[1], name, X.item_ids[0])


@pytest.mark.parametrize("on", [("users",), ("users", "items")])
def test_words_are_judged_by_the_content_of_the_item(on):
    """Whose altered rows pseudonyms would put into another order."""
    one, other = pipeline().fit(X), pipeline(Pseudonymizer(on)).fit(X)
    user, item = X.user_ids[0], X.item_ids[0]
    words = [dict(occlusion(p, user, item, "description", X)) for p in (one, other)]
    assert words[1] == pytest.approx(words[0], abs=1e-3)


@pytest.mark.parametrize("on", [("users",), ("users", "items")])
def test_a_display_shows_the_likes_and_the_lists_of_its_users(pair, on):
    """And titles, by whatever name the items go."""
    pipe, user = pipeline(Pseudonymizer(on)).fit(X), X.user_ids[0]
    options = {"k": 3, "title": "description", "candidates": X.item_vocabulary.ids[:20]}
    plain, other = (
        RecommendationDisplay.from_estimator(p, X, [user], **options)
        for p in (pair[0], pipe)
    )
    assert other.users == [user]
    for part in ("liked", "offered"):
        ((ids,), (names,)) = getattr(plain, part), getattr(other, part)
        titles = [other.cards[name].title for name in names]
        assert titles == [plain.cards[one].title for one in ids]
    assert other.reasons[0][0].score == pytest.approx(
        plain.reasons[0][0].score, abs=1e-2
    )


@pytest.mark.parametrize("on", [("users",), ("users", "items")])
def test_questions_by_content_need_no_pseudonyms(on):
    """There is no id in them; the candidates have ids, which are looked up."""
    title = {"description": X.items["description"][:1]}
    asked = {"k": 1, "candidates": X.items["item"][:5]}
    plain = pipeline().fit(X).similar_items_to(title, **asked)
    pipe = pipeline(Pseudonymizer(on)).fit(X)
    found = pipe.similar_items_to(title, **asked)
    if "items" in on:
        plain = pipe[0].pseudonyms(plain[0], "items")[None]
    assert found.tolist() == plain.tolist()


def test_what_only_asks_the_recommender_says_so(pair):
    """A service knows no key, and finds its users by the names they have inside."""
    served = pytest.importorskip("skmmrec.service._served")
    with pytest.raises(ValueError, match=r"pass pipe\[1:\], and what pipe\[0\] makes"):
        served.Served(pair[1])
    names = pair[1][0].pseudonyms(X.user_ids[:1])
    assert served.Served(pair[1][1:]).likes(names[0], 1)


def test_a_member_of_a_combination_has_no_names_of_its_own():
    """The pseudonyms go before it."""
    member = make_pipeline(Pseudonymizer(), PopularityRecommender())
    with pytest.raises(ValueError, match="put it before the combination"):
        VotingRecommender([("a", member), ("b", PopularityRecommender())]).fit(X)
    voting = VotingRecommender([("a", PopularityRecommender())])
    pipe = make_pipeline(Pseudonymizer(), voting).fit(X)
    assert pipe.recommend(X.user_ids[:1], k=2).shape == (1, 2)


def test_columns_are_found_by_the_names_of_fit():
    """In whatever order they come; where they are not there, it says so."""
    ((train, test),) = CV.split(X)
    plain = ItemKNNRecommender().fit(X[train])
    pipe = make_pipeline(Pseudonymizer(), ItemKNNRecommender()).fit(X[train])
    frame = {"item": X[test].item_ids, "user": X[test].user_ids}
    np.testing.assert_allclose(pipe.predict(frame), plain.predict(frame), rtol=1e-6)
    assert pipe.score(frame) == pytest.approx(plain.score(frame))
    with pytest.raises(ValueError, match="'user'"):
        pipe.predict({"who": X.user_ids[:2], "item": X.item_ids[:2]})
