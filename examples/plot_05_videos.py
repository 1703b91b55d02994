"""
Short videos, by what they show
===============================

Videos become vectors through a few of their frames. Eight clips are made here, each of
three scenes of one of four palettes; then each is asked which other is most like it.
"""

import io

import av
import matplotlib.pyplot as plt
import numpy as np

from skmmrec import ImageStatisticsEncoder, VideoEncoder

PALETTES = {
    "dusk": [(40, 20, 70), (120, 40, 90), (230, 120, 60)],
    "sea": [(10, 60, 110), (30, 130, 170), (190, 230, 240)],
    "wood": [(30, 60, 20), (80, 110, 40), (150, 120, 70)],
    "snow": [(240, 240, 250), (200, 215, 230), (150, 170, 190)],
}


def film(colours, rng):
    """A second of each scene, with stripes that move: the bytes of an MP4."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=8)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for colour in rng.permutation(colours):
            phase, width = rng.integers(100), rng.integers(8, 30)
            for time in range(8):
                stripes = (np.arange(160) + phase + 3 * time) // width % 2
                pixels = np.broadcast_to(colour * (0.8 + 0.2 * stripes[:, None]),
                                         (96, 160, 3))  # fmt: skip
                frame = av.VideoFrame.from_ndarray(pixels.astype(np.uint8))
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


rng = np.random.default_rng(0)
names = [name for name in PALETTES for _ in range(2)]
clips = [film(PALETTES[name], rng) for name in names]

# %%
# Frames in which the picture changes most, one for each scene. `ImageEncoder` in the
# place of the statistics sees what is in the pictures, `audio=` listens to the sound.
encoder = VideoEncoder(ImageStatisticsEncoder(), n_frames=3, sampling="scenes")
features = encoder.fit_transform(clips)
features -= features.mean(axis=0)
features /= np.linalg.norm(features, axis=1, keepdims=True)
alike = features @ features.T
nearest = [names[i] for i in (alike - 2 * np.eye(len(clips))).argmax(axis=1)]
print(f"{np.mean([a == b for a, b in zip(names, nearest)]):.0%} find their own palette")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
image = left.imshow(alike, cmap="RdYlGn", vmin=-1, vmax=1)
left.set_xticks(range(len(names)), names, rotation=60)
left.set_yticks(range(len(names)), names)
left.set_title("cosines of the clips")
figure.colorbar(image, ax=left)
rows = []
for clip in clips[::2]:
    with av.open(io.BytesIO(clip)) as container:
        frames = [
            frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)
        ]
    rows.append(np.hstack(frames[3::8]))
right.imshow(np.vstack(rows))
right.set_yticks(48 + 96 * np.arange(4), PALETTES)
right.set_xticks([])
right.set_title("a frame of each scene")
plt.show()
