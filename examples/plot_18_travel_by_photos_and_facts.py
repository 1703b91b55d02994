"""
Travel, by photos and facts
===========================

Where to go next? A traveller looks at the photo, and at the price and the distance. Is
one of the two enough to find places that nobody has been to?
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ColdItemKFold,
    ContentRecommender,
    ImageStatisticsEncoder,
    Interactions,
    MultimodalFusion,
    TabularEncoder,
    get_scorer,
    make_pipeline,
)

SCENES = {  # colours of sky, horizon and ground
    "beach": [(120, 190, 240), (30, 110, 190), (235, 210, 150)],
    "mountains": [(170, 200, 230), (110, 120, 140), (240, 245, 250)],
    "forest": [(200, 220, 230), (30, 80, 40), (90, 130, 60)],
    "desert": [(240, 180, 120), (200, 110, 60), (225, 165, 90)],
    "city": [(40, 40, 80), (90, 85, 100), (60, 60, 70)],
}
names = list(SCENES)
rng = np.random.default_rng(0)


def photo(scene):
    """Three bands of colour with a ragged skyline, and the noise of a camera."""
    y = np.arange(72)[:, None]
    skyline = 30 + rng.normal(0, 1, 96).cumsum().round()
    shore = 50 + rng.normal(0, 0.5, 96).cumsum().round()
    colours = np.array(SCENES[scene]) * rng.uniform(0.8, 1.1)
    pixels = colours[(y > skyline).astype(int) + (y > shore)]
    return np.clip(pixels + rng.normal(0, 8, pixels.shape), 0, 255).astype(np.uint8)


# %%
# Places differ by what is to be seen, which only the photo tells, and by facts. To a
# traveller the scene is worth as much as what it costs, and how far it is.
scene = rng.integers(len(SCENES), size=250)
places = {
    "place": np.arange(250),
    "photo": [photo(names[s]) for s in scene],
    "euro_a_night": rng.lognormal(4.4, 0.5, 250).round(),
    "hours_away": rng.gamma(2, 3, 250).round(1),
}
facts = np.column_stack([np.log(places["euro_a_night"]), places["hours_away"]])
facts = (facts - facts.mean(axis=0)) / facts.std(axis=0)
utility = rng.normal(size=(300, len(SCENES)))[:, scene]  # (n_travellers, n_places)
utility += rng.normal(size=(300, 2)) @ facts.T / np.sqrt(2)
utility += rng.gumbel(0, 0.3, utility.shape)
events = {
    "traveller": np.repeat(np.arange(300), 12),
    "place": np.argsort(-utility, axis=1)[:, :12].ravel(),
}
X = Interactions(events, items=places, user="traveller", item="place")

# %%
# The same pipeline with one branch, with the other, and with both.
branches = {
    "photo": ("photo", ImageStatisticsEncoder(), "photo"),
    "facts": ("facts", TabularEncoder(), ["euro_a_night", "hours_away"]),
}
train, test = next(ColdItemKFold(5, random_state=0).split(X))
scorer = get_scorer("ndcg@10", candidates="cold")
new, traveller = np.unique(X.item_ids[test]), 8
visited = X.item_ids[train][X.user_ids[train] == traveller][:6]
lists = {f"traveller {traveller} has been here": visited}
for kept in (["photo"], ["facts"], ["photo", "facts"]):
    fusion = MultimodalFusion([branches[name] for name in kept])
    model = make_pipeline(fusion, ContentRecommender()).fit(X[train])
    title = f"offered by {' and '.join(kept)}; NDCG@10 {scorer(model, X[test]):.2f}"
    lists[title] = model.recommend([traveller], k=6, candidates=new)[0]
    print(title)

# %%
# What was visited, and which new places are offered: by the photo alone too dear or too
# far, by the facts alone the wrong kind of place.
figure = plt.figure(figsize=(10, 7.6), layout="constrained")
for part, (title, chosen) in zip(figure.subfigures(4, 1), lists.items()):
    part.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    for axes, place in zip(part.subplots(1, 6), chosen):
        axes.imshow(places["photo"][place])
        price, hours = places["euro_a_night"][place], places["hours_away"][place]
        axes.set_xlabel(f"{price:.0f} € a night, {hours:.0f} h", fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])
plt.show()
