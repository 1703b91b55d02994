"""
News, by the hour
=================

An article is read for some hours only, and in the first of them nobody has read it yet.
What finds its readers then, and what does once they have begun to click?
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ContentRecommender,
    Interactions,
    ItemKNNRecommender,
    MultimodalFusion,
    PopularityRecommender,
    SparseTextEncoder,
)

WORDS = {
    "sport": "goal match coach league striker final penalty stadium referee season",
    "politics": "vote minister party law budget coalition reform debate mayor senate",
    "science": "planet vaccine study atom fossil telescope gene climate probe theory",
    "business": "market bank profit merger shares factory wages trade tax export",
    "culture": "novel theatre opera painter film album museum poem festival actor",
}
HOURS, LIFE, N_READERS = 48, 6, 300
rng = np.random.default_rng(0)

# %%
# Eight articles an hour, each of six words of its topic and one of another. A reader
# has a favourite topic, and every second hour clicks on an article of the last six.
topic = rng.integers(len(WORDS), size=8 * HOURS)
every = " ".join(WORDS.values()).split()
bags = [words.split() for words in WORDS.values()]
lead = [
    " ".join([*rng.choice(bags[t], 6, replace=False), rng.choice(every)]) for t in topic
]
published = np.repeat(np.arange(HOURS), 8)
quality = rng.normal(0, 1, len(topic))
utility = quality + 3 * (rng.integers(len(WORDS), size=(N_READERS, 1)) == topic)
clicks = []
had = np.zeros_like(utility, dtype=bool)
for hour in range(HOURS):
    fresh = (published <= hour) & (published > hour - LIFE)
    for reader in np.flatnonzero(rng.random(N_READERS) < 0.5):
        value = utility[reader] + rng.gumbel(size=len(topic))
        article = np.where(fresh & ~had[reader], value, -np.inf).argmax()
        had[reader, article] = True
        clicks.append((reader, article, hour))
reader, article, hour = np.array(clicks).T
X = Interactions(
    {"reader": reader, "article": article, "hour": hour},
    items={"article": np.arange(len(topic)), "lead": lead},
    user="reader",
    item="article",
    time="hour",
)
print(X)

# %%
# Texts need no clicks to be encoded. Then the second day, hour by hour: fitted on all
# clicks before the hour, asked for five of the articles that are still read.
encoder = SparseTextEncoder(n_components=32, random_state=0)
read = MultimodalFusion([("lead", encoder, "lead")]).fit_transform(X)
recommenders = {
    "popularity": (PopularityRecommender(), X),
    "clicks alone": (ItemKNNRecommender(), X),
    "texts alone": (ContentRecommender(), read),
    "clicks and texts": (ItemKNNRecommender(), read),
}
is_found = {name: np.zeros(len(X), dtype=bool) for name in recommenders}
for now in range(24, HOURS):
    fresh = np.flatnonzero((published <= now) & (published > now - LIFE))
    rows = np.flatnonzero(hour == now)
    for name, (recommender, data) in recommenders.items():
        recommender.fit(data[hour < now])
        lists = recommender.recommend(reader[rows], k=5, candidates=fresh)
        is_found[name][rows] = (lists == article[rows, None]).any(axis=1)

# %%
# In its first hour nobody but who reads an article can tell whom it is for; of the
# later ones clicks know more, and texts give the new ones places in the list that those
# lose. Articles with one topic and readers with one taste are made so; what real ones
# do is to be measured on their clicks, in this very way.
judged, age = hour >= 24, hour - published[article]
figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
colors = ("#888888", "#b0413e", "#c58b2a", "#2f7d4f")
for (name, found), color in zip(is_found.items(), colors):
    shares = [found[judged & (age == a)].mean() for a in range(LIFE)]
    label = f"{name}: {found[judged].mean():.0%} of all"
    print(label, np.round(shares, 2))
    axes.plot(np.arange(LIFE), shares, "o-", color=color, label=label)
axes.set(xlabel="hours since the article appeared", ylim=(0, 1))
axes.set_ylabel("share of clicks that were\namong five recommended")
figure.legend(loc="outside lower center", ncols=2)
plt.show()
