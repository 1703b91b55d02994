"""
Short videos, by frames and sound
=================================

A clip becomes a vector through a few of its frames and its sound track. Does a viewer
of short videos need both? Here half of what makes people watch is to be seen, and half
is to be heard.

Needs the extra ``skmmrec[video]``.
"""

import io

import av
import matplotlib.pyplot as plt
import numpy as np
from sklearn import clone

from skmmrec import (
    ColdItemKFold,
    ContentRecommender,
    ImageStatisticsEncoder,
    Interactions,
    MelStatisticsEncoder,
    MultimodalFusion,
    PopularityRecommender,
    VideoEncoder,
    get_scorer,
    make_pipeline,
)

PALETTES = {
    "dusk": [(40, 20, 70), (120, 40, 90), (230, 120, 60)],
    "sea": [(10, 60, 110), (30, 130, 170), (190, 230, 240)],
    "wood": [(30, 60, 20), (80, 110, 40), (150, 120, 70)],
    "snow": [(240, 240, 250), (200, 215, 230), (150, 170, 190)],
}
PITCHES, RATE = [110, 330, 990, 2200], 8000  # of the tunes, in Hz
rng = np.random.default_rng(0)


def film(colours, pitch):
    """Three scenes of half a second with stripes that move, and a tune: a file."""
    file = io.BytesIO()
    notes = np.repeat(pitch * rng.choice([1, 1.25, 1.5], 6), RATE // 4)
    tune = np.sin(2 * np.pi * np.cumsum(notes) / RATE) + rng.normal(0, 0.1, len(notes))
    with av.open(file, "w", format="matroska") as container:
        stream = container.add_stream("mpeg4", rate=8)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        track = container.add_stream("pcm_s16le", rate=RATE)
        for colour in rng.permutation(colours):
            phase, width = rng.integers(100), rng.integers(8, 30)
            for time in range(4):
                stripes = (np.arange(160) + phase + 3 * time) // width % 2
                pixels = np.tile(colour * (0.8 + 0.2 * stripes[:, None]), (96, 1, 1))
                frame = av.VideoFrame.from_ndarray(pixels.astype(np.uint8))
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
        samples = (10_000 * tune[None]).astype(np.int16)
        sound = av.AudioFrame.from_ndarray(samples, "s16", "mono")
        sound.sample_rate = RATE
        container.mux([*track.encode(sound), *track.encode()])
    return file.getvalue()


# %%
# Six clips of each look and tune, and viewers who watch ten of them.
look, tune = (kind.ravel() for kind in np.indices((4, 4, 6))[:2])
films = [film([*PALETTES.values()][a], PITCHES[b]) for a, b in zip(look, tune)]
clips = {"clip": np.arange(96), "film": films}
clips["truth"] = np.column_stack([np.eye(4)[look], np.eye(4)[tune]])
utility = rng.normal(size=(200, 4))[:, look] + rng.normal(size=(200, 4))[:, tune]
utility += rng.gumbel(0, 0.3, utility.shape)
watched = np.argsort(-utility, axis=1)[:, :10]
events = {"viewer": np.repeat(np.arange(200), 10), "clip": watched.ravel()}
X = Interactions(events, items=clips, user="viewer", item="clip")

# %%
# Frames in which the picture changes most, one for each scene. `ImageEncoder` in the
# place of the statistics sees what is in the pictures, `AudioEncoder` what is played.
frames = VideoEncoder(ImageStatisticsEncoder(), n_frames=3, sampling="scenes")
both = clone(frames).set_params(audio=MelStatisticsEncoder())
branches = {
    "frames alone": ("film", frames, "film"),
    "frames and sound": ("film", both, "film"),
    "told look and tune": ("truth", "passthrough", "truth"),
}
train, test = next(ColdItemKFold(5, random_state=0).split(X))
scorer = get_scorer("ndcg@10", candidates="cold")
scores = {"popularity": scorer(PopularityRecommender().fit(X[train]), X[test])}
for name, branch in branches.items():
    model = make_pipeline(MultimodalFusion([branch]), ContentRecommender())
    scores[name] = scorer(model.fit(X[train]), X[test])
print({name: round(float(score), 2) for name, score in scores.items()})

# %%
# A clip of each look, and how well new clips are ranked, the last bar being what there
# is to be known.
figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 5.5), layout="constrained")
rows = []
for clip in films[::24]:
    with av.open(io.BytesIO(clip)) as container:
        seen = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    rows.append(np.hstack(seen[::4]))
top.imshow(np.vstack(rows))
top.set_yticks(48 + 96 * np.arange(4), PALETTES)
top.set_xticks([])
top.set_title("a frame of each scene")
bottom.barh(list(scores), scores.values(), color="#2f7d4f")
bottom.invert_yaxis()
bottom.set_xlabel("NDCG@10 on new clips")
plt.show()
