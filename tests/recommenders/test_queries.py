"""Sessions that nobody knows, and content that is no item's: more like this photo."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skmmrec import (
    ALSRecommender,
    ContentRecommender,
    EASERecommender,
    ImageStatisticsEncoder,
    Interactions,
    LeaveLastOut,
    MultimodalFusion,
    PopularityRecommender,
    SparseTextEncoder,
    TabularEncoder,
    VotingRecommender,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.testing import colours, painted
from tests.recommenders.test_recommenders import ALL, _installed

TEXT = ("text", SparseTextEncoder(n_components=32, random_state=0), "description")
IMAGE = ("image", ImageStatisticsEncoder(), "picture")
TABULAR = ("tabular", TabularEncoder(), ["category", "price", "tags"])


@pytest.fixture(params=ALL, ids=str)
def recommender(request):
    return _installed(request.param)


@pytest.fixture(scope="module")
def shop():
    return make_multimodal_shop(80, 60, random_state=0)


@pytest.fixture(scope="module")
def pipe(shop):
    fusion = MultimodalFusion([TEXT, IMAGE, TABULAR])
    return make_pipeline(fusion, ContentRecommender()).fit(shop)


def rows(shop, some, *names):
    return {name: shop.items[name][some] for name in names}


# -- sessions ----------------------------------------------------------------------


def test_a_session_is_served_as_a_new_user_with_that_history(recommender):
    train, _ = painted()
    model = recommender.fit(train)
    history = Interactions({"user": ["new"] * 3, "item": [0, 2, 4]})
    expected = model.recommend(["new"], k=5, history=history, return_scores=True)
    items, scores = model.recommend_for([0, 2, 4], k=5, return_scores=True)
    assert items.tolist() == expected[0][0].tolist()
    np.testing.assert_array_equal(scores, expected[1][0])
    assert not {0, 2, 4} & set(items)


def test_a_session_is_nobody_known():
    """Whatever the ids of users are; and what is unknown is passed over."""
    for users in ([0, 0, 1, 1], ["", "x", "y", "y"], [None, (1,), "y", 2]):
        users = [user or 3 for user in users]
        X = Interactions({"user": users, "item": list("abcd")})
        model = ALSRecommender(2, random_state=0).fit(X)
        nobody = model.recommend([object()], k=4).tolist()[0]
        assert model.recommend_for([], k=4).tolist() == nobody
        assert model.recommend_for(["?"], k=4).tolist() == nobody
        some = model.recommend_for(["c", "?"], k=4, candidates=["c", "d"])
        assert some.tolist() == ["d", None, None, None]


def test_a_session_of_a_model_of_a_frame():
    model = EASERecommender(1).fit([["u", "a"], ["u", "b"], ["v", "c"], ["v", "d"]])
    assert model.recommend_for(["c"], k=1).tolist() == ["d"]
    with pytest.raises(TypeError, match="items must be a list of ids; got 'c'"):
        model.recommend_for("c")


# -- content -----------------------------------------------------------------------


def test_what_is_like_some_content_is_near_to_it(recommender):
    """White for white, black for black, whatever the similarity is made of."""
    train, _ = painted()
    model = recommender.fit(train)
    found, scores = model.similar_items_to(colours(2), k=4, return_scores=True)
    assert np.isfinite(scores).all()
    assert (np.diff(scores, axis=1) <= 0).all()
    if not isinstance(model, PopularityRecommender) and "popular" not in str(model):
        assert (found % 2 == [[0], [1]]).all()
    offered = model.similar_items_to(colours(2), k=2, candidates=[9, 29])
    assert set(offered.ravel().tolist()) == {9, 29}


def test_the_content_of_an_item_finds_the_item(shop, pipe, frame):
    """By any of its columns, in a table of any kind."""
    ids = shop.items["item"][:4]
    for names in (["description"], ["picture"], ["description", "price"]):
        found = pipe.similar_items_to(frame(rows(shop, slice(4), *names)), k=3)
        assert found[:, 0].tolist() == ids.tolist()
    found = pipe.similar_items_to(frame({"price": [3.0], "shelf": ["x"]}), k=60)
    assert len(set(found[0])) == 60


def test_several_questions_are_as_one_by_one(shop, pipe):
    """Some with a text, some with a picture."""
    asked = {
        "description": [shop.items["description"][0], None],
        "picture": [None, shop.items["picture"][1]],
    }
    both = pipe.similar_items_to(asked, k=5)
    for row, name in enumerate(asked):
        one = pipe.similar_items_to({name: asked[name][row : row + 1]}, k=5)
        assert both[row].tolist() == one[0].tolist()


def test_a_photo_is_a_path(shop, pipe, tmp_path):
    photo = tmp_path / "photo.png"
    photo.write_bytes(shop.items["picture"][7])
    found = pipe.similar_items_to({"picture": [str(photo)]}, k=1)
    assert found.tolist() == [[shop.items["item"][7]]]


def test_members_look_at_what_each_of_them_knows(shop):
    """One reads, one sees, and one does neither."""
    by_text = make_pipeline(MultimodalFusion([TEXT]), ContentRecommender())
    by_image = make_pipeline(MultimodalFusion([IMAGE]), ContentRecommender())
    members = [("text", by_text), ("image", by_image), ("als", ALSRecommender(4))]
    model = VotingRecommender(members, weights=[1, 1, 0.1]).fit(shop)
    ids = shop.items["item"][:2].tolist()
    for name in ("description", "picture"):
        found = model.similar_items_to(rows(shop, slice(2), name), k=1)
        assert found[:, 0].tolist() == ids
    with pytest.raises(ValueError, match="content must hold in each row"):
        model.similar_items_to({"price": [1.0]})


def test_the_best_of_a_search_answers(shop):
    grid = {"multimodalfusion__method": ["concat", "mean"]}
    pipe = make_pipeline(MultimodalFusion([TEXT, TABULAR]), ContentRecommender())
    best = GridSearchCV(pipe, grid, cv=LeaveLastOut()).fit(shop).best_estimator_
    asked = rows(shop, [3], "description")
    assert shop.items["item"][3] in best.similar_items_to(asked, k=3)
    assert len(best.recommend_for(shop.items["item"][:2], k=3)) == 3


@pytest.mark.parametrize(
    ("content", "k", "error", "message"),
    [
        ("red dress", 2, TypeError, "content must be a data frame .* got str"),
        ({"description": "red"}, 2, TypeError, "'description' of content must be a li"),
        ({"description": []}, 2, ValueError, "a row for each question; got none"),
        ({}, 2, ValueError, "a row for each question; got none"),
        ({"descripion": ["a gift"]}, 2, ValueError, "nothing of it in row 0"),
        ({"description": ["a gift", None]}, 2, ValueError, "nothing of it in row 1"),
        ({"description": ["a gift"]}, 61, ValueError, "k must be a whole number"),
        ({"picture": [b"no picture"]}, 2, ValueError, "row 0"),
    ],
)
def test_what_is_no_question(pipe, content, k, error, message):
    with pytest.raises(error, match=message):
        pipe.similar_items_to(content, k)


def test_a_model_without_content_says_so(shop):
    model = ALSRecommender(4).fit(shop)
    with pytest.raises(ValueError, match="what ALSRecommender learned from; .* fusion"):
        model.similar_items_to({"description": ["red"]})
