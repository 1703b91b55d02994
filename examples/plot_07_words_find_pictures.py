"""
Words find pictures
===================

What modalities have in common can be learned from items that have both. Then a picture
is found by words that nobody wrote beside it.
"""

import matplotlib.pyplot as plt
import numpy as np

from skmmrec import (
    ImageStatisticsEncoder,
    ModalityAligner,
    MultimodalFusion,
    SparseTextEncoder,
)

COLOURS = {
    "red": (200, 40, 40),
    "green": (50, 150, 70),
    "blue": (40, 70, 190),
    "yellow": (235, 205, 60),
    "grey": (120, 120, 125),
}
PATTERNS = ("plain", "striped", "checked")


def cloth(colour, pattern, rng):
    """A picture of a piece of cloth, and what a seller wrote about it."""
    y, x = np.indices((64, 64)) + rng.integers(100)
    size = rng.integers(5, 9)
    dark = {
        "plain": 0 * x,
        "striped": x // size % 2,
        "checked": (x // size + y // size) % 2,
    }[pattern]
    pixels = np.array(COLOURS[colour]) * (1 - 0.5 * dark[..., None])
    pixels = np.clip(pixels + rng.normal(0, 15, pixels.shape), 0, 255)
    words = ["a", colour, pattern, rng.choice(["shirt", "skirt", "scarf", "curtain"])]
    words += [rng.choice(["of cotton", "of wool", "for summer", "for everyone"])]
    return pixels.astype(np.uint8), " ".join(words)


rng = np.random.default_rng(0)
kinds = [(c, p) for c in COLOURS for p in PATTERNS]
pictures, texts = zip(*(cloth(*kinds[i % len(kinds)], rng) for i in range(300)))

# %%
# The last sixty pieces have no text. Both modalities go into one space.
table = {"picture": list(pictures), "text": [*texts[:240], *[None] * 60]}
fusion = MultimodalFusion(
    [
        ("text", SparseTextEncoder(n_components=16, random_state=0), "text"),
        ("image", ImageStatisticsEncoder(), "picture"),
    ],
    method=ModalityAligner(n_components=8),
)
fusion.fit(table)

# %%
# A question goes through the encoder of texts into that space, the pictures without
# text through theirs; the nearest of them are the answer.
text_encoder, image_encoder = (encoder for _, encoder, _ in fusion.transformers_)
queries = ["a red striped curtain", "a green checked scarf", "plain blue"]
asked = fusion.method_.project("text", text_encoder.transform(queries))
shown = fusion.method_.project("image", image_encoder.transform(pictures[240:]))
for vectors in (asked, shown):
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
nearest = np.argsort(-(asked @ shown.T), axis=1)[:, :5]

# %%
figure, axes = plt.subplots(len(queries), 5, figsize=(8, 5), layout="constrained")
for row, query, places in zip(axes, queries, nearest):
    for axis, place in zip(row, places):
        axis.imshow(pictures[240 + place])
        axis.axis("off")
    row[0].set_title(query, loc="left")
plt.show()
