"""Networks over the modalities of items: equations, content of new items, raw input."""

import numpy as np
import pytest

from skmmrec import (
    AttentionRecommender,
    ConcatFusion,
    DeepFeatureCFRecommender,
    DeepFMRecommender,
    EndToEndRecommender,
    FeatureTable,
    Interactions,
    MelFrameEncoder,
    MulCooNNRecommender,
    MultimodalFusion,
    MultiTaskRecommender,
    PixelEncoder,
    TokenSequenceEncoder,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.recommenders._raw import are_tokens
from tests.recommenders.test_networks import described
from tests.recommenders.test_recommenders import SMALL

torch = pytest.importorskip("torch")

FEW = SMALL | {"n_components": 8, "alpha": 0.01, "id_dropout": 0.5}
NETWORKS = [
    DeepFMRecommender(**FEW),
    AttentionRecommender("user", **FEW),
    AttentionRecommender("feature", **FEW),
    MulCooNNRecommender(**FEW),
    DeepFeatureCFRecommender(**FEW),
    MultiTaskRecommender(**FEW),
    # its blocks are numbers here, not the raw words and pixels of the default names
    EndToEndRecommender(text="words", image="pixels", audio="frames", **FEW),
]
RAW = ConcatFusion(scaling=None)


@pytest.fixture(params=NETWORKS, ids=str)
def network(request):
    return request.param


def new_items(text, image, users=(0, 0, 0)):
    """Items with the given content, NaN where missing, each for one of the users."""
    items = 100 + np.arange(len(text))
    events = {"user": np.asarray(users[: len(text)]), "item": items}
    X = Interactions(events, items={"item": items})
    return X.with_table(
        "items", FeatureTable.from_blocks({"text": text, "image": image})
    )


# -- content -----------------------------------------------------------------------


def test_a_new_item_is_placed_by_the_modality_that_it_has(network):
    """Of 28, white, and 29, black, the text alone is known."""
    model = network.fit(described(image_of_new=np.nan))
    lists = model.recommend([0, 1], k=1, candidates=[28, 29])
    assert lists.tolist() == [[28], [29]]


def test_what_one_item_lacks_changes_nothing_for_others(network):
    """Not even in the last digit that matters."""
    model = network.fit(described(image_of_new=np.nan))
    text, image = np.ones((3, 2)), np.ones((3, 3))
    whole = model.predict(new_items(text, image))
    image[1] = np.nan
    gap = model.predict(new_items(text, image))
    assert gap[[0, 2]] == pytest.approx(whole[[0, 2]], rel=1e-5)
    assert np.isfinite(gap[1])
    assert gap[1] != pytest.approx(whole[1], rel=1e-5)


def test_users_who_choose_by_different_modalities_are_told_apart(network):
    """Of new items, one has the right text, the other the right picture."""
    rng = np.random.default_rng(0)
    text, image = rng.choice([-1.0, 1.0], (2, 60))
    text[-2:], image[-2:] = [1, -1], [-1, 1]
    user, item = np.divmod(np.arange(40 * 58), 58)
    by_text = user % 2 == 0
    liked = np.where(by_text, text[item], image[item]) > 0
    liked &= rng.random(len(user)) < 0.5
    X = Interactions(
        {"user": user[liked], "item": item[liked]}, items={"item": np.arange(60)}
    )
    blocks = {"text": text[:, None], "image": image[:, None]}
    model = network.fit(X.with_table("items", FeatureTable.from_blocks(blocks)))
    best = model.recommend(np.arange(40), k=1, candidates=[58, 59])[:, 0]
    assert np.mean(best == np.where(np.arange(40) % 2 == 0, 58, 59)) > 0.95


# -- equations ---------------------------------------------------------------------


def parts(model, user=0):
    """The network, the user's code and the content of items 0 and 28, the last new."""
    X = described(image_of_new=np.nan)
    model.fit(X)
    x = torch.as_tensor(model._inputs(X.items)[[0, 28]])
    has = torch.as_tensor(X.items.present[[0, 28]])
    ask = Interactions({"user": [user] * 2, "item": [0, 28]})
    return model.network_, torch.tensor([user]), x, has, model.predict(ask)


def fields(maps, own, x, has):
    """F of both items, (2, 3, 8): the second has neither picture nor own vector."""
    own = own(torch.tensor([0, 0])) * torch.tensor([[1], [0]])
    F = torch.cat([maps(x, has.float()), own[:, None]], 1)
    assert F.any(2).tolist() == [[True, True, True], [True, False, False]]
    return F


def test_deepfm_is_a_sum_over_all_pairs_of_fields():
    """And a perceptron over all fields side by side, zeros for what is missing."""
    net, user, x, has, scores = parts(DeepFMRecommender(**FEW))
    e = net.user(user)[0]
    for n, F in enumerate(fields(net.maps, net.item, x, has)):
        v = [e, *F]
        pairs = sum(v[f] @ v[g] for g in range(4) for f in range(g))
        linear = x[n] @ net.beta.weight[:, 0] + (n == 0) * net.bias.weight[0, 0]
        hidden = net.user_layer(e) + net.item_layer(F.flatten())
        expected = pairs + linear + net.deep.mlp(hidden)[0]
        assert scores[n] == pytest.approx(expected.item(), rel=1e-4)


def test_attention_of_a_user_is_a_softmax_over_what_the_item_has():
    """a_m ∝ exp(q_u·k_m); the only modality has all of it."""
    net, user, x, has, scores = parts(AttentionRecommender("user", **FEW))
    p, q = net.user(user)[0], net.query(user)[0]
    k, v = net.key(x, has.float()), net.value(x, has.float())
    a = torch.softmax(k[0] @ q, 0)
    own = p @ net.item.weight[0] + net.bias.weight[0, 0]
    known = own + p @ (a @ v[0]) + x[0] @ net.beta.weight[:, 0]
    new = p @ v[1, 0] + x[1] @ net.beta.weight[:, 0]
    assert scores == pytest.approx([known.item(), new.item()], rel=1e-4)


@pytest.mark.parametrize(
    ("model", "z"),
    [
        (DeepFeatureCFRecommender(**FEW), lambda net, F: F.flatten()),
        (MulCooNNRecommender(**FEW), lambda net, F: net.fuse[1](F.flatten()).relu()),
        (
            AttentionRecommender("feature", **FEW),
            lambda net, F: net.fuse.attention(F.flatten()) * net.fuse.fc(F.flatten()),
        ),
        (
            MultiTaskRecommender(**FEW),
            lambda net, F: (1 + F[0]) * (1 + F[1]) * (1 + F[2]) - 1,
        ),
    ],
    ids=["DFMF", "MulCooNN", "MMFNet", "MTMF"],
)
def test_scores_are_products_with_what_is_made_of_the_fields(model, z):
    """p_u·z(F_i) + b_i + β·F_i, with F_i = [text, image, own], zeros for what lacks."""
    net, user, x, has, scores = parts(model)
    p = net.user(user)[0]
    for n, F in enumerate(fields(net.branches, net.item, x, has)):
        bias = (n == 0) * net.bias.weight[0, 0] + net.beta.weight[0] @ F.flatten()
        expected = p @ z(net, F) + bias
        assert scores[n] == pytest.approx(expected.item(), rel=1e-4)


# -- several tasks -----------------------------------------------------------------


def rated(**columns):
    """Everybody has seen most things; rated 5 in the own colour, 1 in the other."""
    user, item = np.divmod(np.arange(30 * 20), 20)
    own = (user + item) % 2 == 0
    events = {"user": user, "item": item, "stars": np.where(own, 5.0, 1.0), "own": own}
    events |= {name: make(own) for name, make in columns.items()}
    known = np.random.default_rng(0).random(len(user)) < 0.7
    return events, known


def test_the_head_of_ratings_rates():
    """Where it was not told: the product of factors, not the mean of user or item."""
    events, known = rated()
    X = Interactions(events, rating="stars")
    model = MultiTaskRecommender(**FEW).fit(X[known])
    stars = model.predict_signals(X[~known])["stars"]
    assert np.abs(stars - X[~known].rating).mean() < 1
    assert model.signals_ == ["stars"]


def test_named_signals_are_learned_from_events_that_are_no_likes():
    """Of a rating of 0: their stars, NaN where unknown, and a column of yes and no."""
    rng = np.random.default_rng(1)
    events, known = rated(
        gaps=lambda own: np.where(
            rng.random(len(own)) < 0.5, np.where(own, 9, 7), np.nan
        )
    )
    X = Interactions(events, rating="own")  # likes alone are events, to the ranking
    model = MultiTaskRecommender(signals=["gaps", "own"], **FEW).fit(X[known])
    told = model.predict_signals(X[~known])
    own = X[~known].rating.astype(bool)
    assert np.abs(told["gaps"] - np.where(own, 9, 7)).mean() < 0.5
    assert np.mean((told["own"] > 0.5) == own) > 0.95
    assert told["own"].min() >= 0
    assert told["own"].max() <= 1


def test_signals_of_new_items_come_of_their_content():
    """White is rated 5 by user 0, and 1 by user 1."""
    events, known = rated()
    X = Interactions(events, items={"item": np.arange(20)}, rating="stars")
    colour = np.where(np.arange(20) % 2, -1.0, 1.0)
    blocks = {"text": np.stack([colour] * 2, 1), "image": np.stack([colour] * 3, 1)}
    X = X.with_table("items", FeatureTable.from_blocks(blocks))
    model = MultiTaskRecommender(**FEW).fit(X[known])
    ask = new_items(np.ones((2, 2)), np.ones((2, 3)), users=[0, 1])
    assert model.predict_signals(ask)["stars"] == pytest.approx([5, 1], abs=1)


def test_held_out_likes_are_no_signals(monkeypatch):
    """The epochs would be judged by what they were taught."""
    from skmmrec.recommenders.networks import _multi_task

    counts, make = [], _multi_task.MultiTask

    def count(*args):
        counts.append(len(args[-2].users))
        return make(*args)

    monkeypatch.setattr(_multi_task, "MultiTask", count)
    events, _ = rated()
    model = MultiTaskRecommender(**FEW).set_params(validation_fraction=0.1, max_iter=1)
    model.fit(Interactions(events, rating="stars"))
    held_out, refitted = counts
    assert refitted == 600
    assert 530 <= held_out <= 550


def test_without_signals_there_is_one_task():
    """And nothing to predict but the score."""
    model = MultiTaskRecommender(**FEW).fit(described(image_of_new=np.nan))
    assert model.signals_ == []
    assert model.predict_signals(new_items(np.ones((1, 2)), np.ones((1, 3)))) == {}


def test_signals_that_are_no_numbers_are_named():
    X = Interactions({"user": [1], "item": [2], "mood": ["good"]})
    with pytest.raises(ValueError, match="signals must be .* got 'mood'"):
        MultiTaskRecommender(signals=["mood"]).fit(X)
    with pytest.raises(ValueError, match="no column 'stars'"):
        MultiTaskRecommender(signals=["stars"]).fit(X)


# -- words, pixels, sounds ---------------------------------------------------------


def ordered_texts():
    """Users like "red not green" or "green not red": the same words, in two orders."""
    rng = np.random.default_rng(0)
    filler = rng.choice(["tea", "jam", "oil", "rye"], (30, 2))
    titles = [
        f"{a} red not green {b}" if i % 2 == 0 else f"{a} green not red {b}"
        for i, (a, b) in enumerate(filler)
    ]
    titles[28:] = ["tea red not green oil", "tea green not red oil"]
    train = described(image_of_new=np.nan)
    X = Interactions(
        {"user": train.user_ids, "item": train.item_ids},
        items={"item": np.arange(30), "title": titles},
    )
    encoder = TokenSequenceEncoder(max_length=8)
    fusion = MultimodalFusion([("text", encoder, "title")], method=RAW)
    return fusion.fit_transform(X)


def test_a_convolution_reads_words_in_their_order():
    """A mean of words cannot: to it, both new items are one."""
    X = ordered_texts()
    model = MulCooNNRecommender(**FEW).fit(X)
    assert list(model.raw_) == ["text"]
    lists = model.recommend([0, 1], k=1, candidates=[28, 29])
    assert lists.tolist() == [[28], [29]]
    mean = EndToEndRecommender(**FEW).fit(X)
    first, second = mean.predict(Interactions({"user": [0, 0], "item": [28, 29]}))
    assert first == pytest.approx(second, rel=1e-5)


def test_words_that_fit_has_not_seen_are_unknown_ones():
    """Their numbers have no vectors."""
    model = MulCooNNRecommender(**FEW).fit(ordered_texts())
    ask = Interactions({"user": [0, 0], "item": [50, 51]}, items={"item": [50, 51]})
    titles = np.array([[1.0, 2, 0, 0, 0, 0, 0, 0], [999, 2, 0, 0, 0, 0, 0, 0]])
    ask = ask.with_table("items", FeatureTable.from_blocks({"text": titles}))
    unknown, unseen = model.predict(ask)
    assert unknown == unseen


def test_only_numbers_of_words_are_read_as_words():
    """Any other text is mapped as it is."""
    words = np.array([[3.0, 1, 0], [2, 0, 0]])
    assert are_tokens(words)
    for other in (words + 0.5, -words, words[:, ::-1], words[:, :1], 1e9 * words):
        assert not are_tokens(other)
    assert MulCooNNRecommender(**FEW).fit(described(image_of_new=np.nan)).raw_ == {}


ENCODERS = {
    "text": (TokenSequenceEncoder(max_length=32), "description"),
    "image": (PixelEncoder(side=8), "picture"),
    "audio": (MelFrameEncoder(n_frames=16, n_mels=16, hop_length=480), "sound"),
}


def shop(modality, **kwargs):
    """Users who choose by one modality, of two styles; the others say nothing."""
    shares = dict.fromkeys(ENCODERS, 0.0) | {modality: 1.0}
    X, truth = make_multimodal_shop(
        40,
        60,
        shares=shares,
        n_styles=2,
        noise=0.01,
        popularity=0,
        random_state=0,
        return_truth=True,
        **kwargs,
    )
    branches = [(name, *branch) for name, branch in ENCODERS.items()]
    X = MultimodalFusion(branches, method=RAW).fit_transform(X)
    wanted = truth.affinities[modality].argmax(axis=1)  # of each user
    return X, truth.styles[modality], wanted


@pytest.mark.parametrize("modality", ENCODERS)
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_end_to_end_finds_what_decides_in_raw_content(modality, missing):
    """New items go to those who like their style, whichever modality shows it."""
    X, styles, wanted = shop(modality, missing=missing)
    new = np.arange(60) >= 40
    if missing:
        new &= X.items.present[:, list(ENCODERS).index(modality)]
    known = X[X.item_codes < 40]
    model = EndToEndRecommender(n_mels=16, **FEW).fit(known)
    users = known.user_vocabulary.ids
    items = X.item_vocabulary.ids
    offered = model.recommend(users, k=1, candidates=items[new])[:, 0]
    style = styles[X.item_vocabulary.codes(offered)]
    assert np.mean(style == wanted) > (0.8 if missing else 0.95)


@pytest.mark.parametrize(
    ("name", "block", "match"),
    [
        ("text", [[0.5, 0.1]], "'text' must hold numbers of words, as TokenSequence"),
        ("image", [[0.5, 0.1]], "'image' must hold 3 .* got 2 .*another name"),
        ("audio", [[0.5, 0.1]], "'audio' must hold a multiple of 64 columns, as Mel"),
    ],
)
def test_blocks_that_are_not_raw_are_named(name, block, match):
    X = Interactions({"user": [1], "item": ["a"]}, items={"item": ["a"]})
    X = X.with_table("items", FeatureTable.from_blocks({name: block}))
    with pytest.raises(ValueError, match=match):
        EndToEndRecommender().fit(X)


def test_raw_and_other_blocks_may_come_in_any_order():
    """Each item keeps what it has: numbers, words, numbers."""
    X = ordered_texts()
    colour = np.where(np.arange(30) % 2, 1.0, -1.0)[:, None]
    noise = np.random.default_rng(0).standard_normal((30, 2))
    words = np.array(X.items.values)
    words[28:] = np.nan
    table = FeatureTable.from_blocks({"noise": noise, "text": words, "colour": colour})
    model = MulCooNNRecommender(**FEW).fit(X.with_table("items", table))
    assert [c.stop - c.start for c in model._columns] == [2, 8, 1]
    x = model._inputs(table)
    np.testing.assert_array_equal(x[:28, model._columns[1]], words[:28])
    assert not x[28:, model._columns[1]].any()
    lists = model.recommend([0, 1], k=1, candidates=[28, 29])
    assert lists.tolist() == [[28], [29]]
