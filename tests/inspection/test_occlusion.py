"""The word, and the square of a picture, that were planted."""

import numpy as np
import pytest

from skmmrec import (
    ALSRecommender,
    ContentRecommender,
    ImageStatisticsEncoder,
    Interactions,
    MultimodalFusion,
    PixelEncoder,
    SparseTextEncoder,
    VotingRecommender,
    make_pipeline,
    occlusion,
)

WORDS = ["lamp", "chair", "table", "spoon", "plate", "clock", "shelf", "vase"]


def text_world(n_users=40, n_items=60):
    """Odd users like what is made of oak, even ones what is not."""
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(WORDS, 4, replace=False)) for _ in range(n_items)]
    texts = [f"{text} oak" if i % 2 else text for i, text in enumerate(texts)]
    user = np.repeat(np.arange(n_users), 8)
    item = 2 * rng.integers(0, n_items // 2 - 1, len(user)) + user % 2
    return Interactions(
        {"user": user, "item": item},
        items={"item": np.arange(n_items), "title": np.array(texts, dtype=object)},
    )


def picture_world(n_users=20, n_items=40):
    """Odd users like a white square in the lower left corner, of 4 x 4 in a picture."""
    rng = np.random.default_rng(0)
    pictures = np.empty(n_items, dtype=object)
    for i in range(n_items):
        pictures[i] = rng.integers(90, 130, (32, 32, 3), dtype=np.uint8)
        if i % 2:
            pictures[i][24:, :8] = 255
    user = np.repeat(np.arange(n_users), 8)
    item = 2 * rng.integers(0, n_items // 2 - 1, len(user)) + user % 2
    items = {"item": np.arange(n_items), "picture": pictures}
    return Interactions({"user": user, "item": item}, items=items)


def text_pipe(model):
    encoder = SparseTextEncoder(n_components=9, random_state=0)
    return make_pipeline(MultimodalFusion([("text", encoder, "title")]), model)


@pytest.mark.parametrize(
    "model",
    [
        ContentRecommender(),
        ContentRecommender("euclidean"),
        ALSRecommender(4, random_state=0),
    ],
    ids=str,
)
@pytest.mark.parametrize("item", [1, 59], ids=["warm", "new"])
def test_the_planted_word_is_found(model, item):
    """It speaks for the item to those who like oak, and against it to the others."""
    X = text_world()
    pipe = text_pipe(model).fit(X)
    liked = occlusion(pipe, 1, item, "title", X)
    assert liked[0][0] == "oak"
    assert occlusion(pipe, 0, item, "title", X)[-1][0] == "oak"


def test_the_effect_of_a_word_is_that_of_a_text_without_it():
    """All its places, whatever the case, and the score of such an item."""
    X = text_world()
    pipe = text_pipe(ContentRecommender()).fit(X)
    titles = ["Oak, chair: OAK-lamp oak", ", chair: OAK-lamp "]
    items = {"item": ["with", "without"], "title": np.array(titles, dtype=object)}
    new = Interactions({"user": [1, 1], "item": ["with", "without"]}, items=items)
    whole, without = pipe.predict(new)
    found = dict(occlusion(pipe, 1, "with", "title", new))
    assert set(found) == {"Oak", "chair", "OAK-lamp"}
    assert found["Oak"] == pytest.approx(whole - without, abs=1e-6)


@pytest.mark.parametrize("encoder", [PixelEncoder(8), ImageStatisticsEncoder()])
@pytest.mark.parametrize("item", [1, 39], ids=["warm", "new"])
def test_the_planted_square_is_found(encoder, item):
    """Row by row, as the picture is seen."""
    X = picture_world()
    fusion = MultimodalFusion([("image", encoder, "picture")])
    pipe = make_pipeline(fusion, ContentRecommender()).fit(X)
    effects = occlusion(pipe, 1, item, "picture", X, grid=(4, 4))
    assert effects.shape == (4, 4)
    assert np.unravel_index(effects.argmax(), (4, 4)) == (3, 0)
    assert effects[3, 0] > 2 * np.sort(effects, axis=None)[-2]


class Counting(SparseTextEncoder):
    """How often it is asked to transform."""

    calls = 0

    def transform(self, X):
        type(self).calls += 1
        return super().transform(X)


def test_all_texts_are_encoded_in_one_call():
    """After the one for the item as it is."""
    X = text_world()
    fusion = MultimodalFusion([("text", Counting(), "title")])
    pipe = make_pipeline(fusion, ContentRecommender()).fit(X)
    Counting.calls = 0
    occlusion(pipe, 1, 1, "title", X)
    assert Counting.calls <= 3


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_tables_of_all_kinds_are_altered(library):
    """With texts, and with the bytes of pictures."""
    frames = pytest.importorskip(library)
    X = text_world()
    table = frames.DataFrame({name: list(v) for name, v in X.items.items()})
    framed = Interactions({"user": X.user_ids, "item": X.item_ids}, items=table)
    pipe = text_pipe(ContentRecommender()).fit(framed)
    found = occlusion(pipe, 1, 1, "title", framed)
    expected = occlusion(text_pipe(ContentRecommender()).fit(X), 1, 1, "title", X)
    assert found == [(w, pytest.approx(e, abs=1e-6)) for w, e in expected]


def test_members_of_a_vote_are_looked_through():
    """A word counts for the member that reads it."""
    X = text_world()
    members = [
        ("content", text_pipe(ContentRecommender())),
        ("als", ALSRecommender(4, random_state=0)),
    ]
    found = occlusion(VotingRecommender(members).fit(X), 1, 59, "title", X)
    assert found[0][0] == "oak"


def test_what_cannot_be_taken_apart_is_refused():
    """Another column, nothing in it, and what is neither a text nor a picture."""
    X = text_world()
    pipe = text_pipe(ContentRecommender()).fit(X)
    with pytest.raises(ValueError, match="column must be one that a MultimodalFusion"):
        occlusion(pipe, 1, 1, "subtitle", X)
    items = dict(X.items, title=np.array([None] * 60, dtype=object))
    bare = Interactions({"user": X.user_ids, "item": X.item_ids}, items=items)
    with pytest.raises(ValueError, match="must have something in 'title'"):
        occlusion(pipe, 1, 1, "title", bare)
    encoded = pipe[:-1].transform(X)
    with pytest.raises(ValueError, match="column must be one"):
        occlusion(pipe[-1], 1, 1, "title", encoded)
    pictures = picture_world()
    fusion = MultimodalFusion([("image", PixelEncoder(8), "picture")])
    seen = make_pipeline(fusion, ContentRecommender()).fit(pictures)
    with pytest.raises(ValueError, match="grid must be two whole numbers"):
        occlusion(seen, 1, 1, "picture", pictures, grid=(100, 4))
    numbers = {"item": [1, 2], "price": [1.0, 2.0]}
    priced = Interactions({"user": [1], "item": [1]}, items=numbers)
    fusion = MultimodalFusion([("price", "passthrough", ["price"])])
    cheap = make_pipeline(fusion, ContentRecommender()).fit(priced)
    with pytest.raises(TypeError, match="must hold texts or pictures"):
        occlusion(cheap, 1, 2, "price", priced)
