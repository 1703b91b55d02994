"""
Music by its sound
==================

A new song has no listeners yet, and its title tells nothing. Is it enough to listen to
it? Here every song is played by one of six bands, each with a sound of its own, and
people like some of the bands.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ColdItemKFold,
    ContentRecommender,
    Interactions,
    MelStatisticsEncoder,
    MultimodalFusion,
    PopularityRecommender,
    get_scorer,
    make_pipeline,
)

RATE = 8000
rng = np.random.default_rng(0)

# %%
# A band has a pitch, a tempo and a timbre; a song is three seconds of random notes.
BANDS = [
    # name, pitch in Hz, notes per second, overtones
    ("bass drone", 80, 1, 2),
    ("slow organ", 220, 1, 8),
    ("guitar", 220, 4, 4),
    ("fast lead", 440, 8, 8),
    ("flute", 700, 2, 1),
    ("bells", 1200, 4, 2),
]


def song(pitch, tempo, overtones):
    """Samples of a melody, each note fading out, and their rate."""
    t = np.arange(3 * RATE) / RATE
    scale = 2 ** (np.array([0, 2, 4, 7, 9]) / 12)
    notes = pitch * rng.choice(scale, 3 * tempo)[(t * tempo).astype(int)]
    tone = sum(np.sin(2 * np.pi * n * notes * t) / n for n in range(1, overtones + 1))
    samples = tone * np.exp(-3 * (t * tempo % 1)) + rng.normal(0, 0.05, len(t))
    return (0.2 * samples).astype(np.float32), RATE


band = rng.integers(len(BANDS), size=180)
songs = {"song": np.arange(180), "sound": np.empty(180, dtype=object)}
for i, b in enumerate(band):
    songs["sound"][i] = song(*BANDS[b][1:])

# %%
# A listener likes two of the bands, and plays fifteen songs, mostly of these.
liked = np.array([rng.permutation(len(BANDS))[:2] for _ in range(200)])
utility = 3.0 * (band == liked[..., None]).any(axis=1) + rng.gumbel(size=(200, 180))
events = {
    "listener": np.repeat(np.arange(200), 15),
    "song": np.argsort(-utility, axis=1)[:, :15].ravel(),
}
X = Interactions(events, items=songs, user="listener", item="song")

# %%
# A fifth of the songs is new. `AudioEncoder`, with the extra ``skmmrec[audio]``, hears
# what is played in real music; statistics of the spectrogram are enough for these.
train, test = next(ColdItemKFold(5, random_state=0).split(X))
fusion = MultimodalFusion([("sound", MelStatisticsEncoder(), "sound")])
by_sound = make_pipeline(fusion, ContentRecommender()).fit(X[train])
scorer = get_scorer("ndcg@10", candidates="cold")
popular = PopularityRecommender().fit(X[train])
found = (
    f"{scorer(by_sound, X[test]):.2f} by sound, {scorer(popular, X[test]):.2f} without"
)
print("NDCG@10", found)

# %%
# What one listener played, and which new songs are offered: by the same two bands.
listener = 41
played = X.item_ids[train][X.user_ids[train] == listener][:4]
new = np.unique(X.item_ids[test])
offered = by_sound.recommend([listener], k=4, candidates=new)[0]
figure, panels = plt.subplots(2, 4, figsize=(9, 5.5), sharex=True, sharey=True)
for row, songs_of_row, name in zip(panels, (played, offered), ("played", "offered")):
    for axes, number in zip(row, songs_of_row):
        axes.specgram(songs["sound"][number][0] + 1e-6, NFFT=512, Fs=RATE, vmin=-80)
        axes.set_title(f"{name}: {BANDS[band[number]][0]}", fontsize=10)
    row[0].set_ylabel("frequency (Hz)")
for axes in panels[1]:
    axes.set_xlabel("seconds")
figure.suptitle(f"NDCG@10 on new songs: {found}")
figure.tight_layout()
plt.show()
