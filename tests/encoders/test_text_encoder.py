"""Sentence transformers: meaning, where weights come from, and what is kept."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn import clone

pytest.importorskip("sentence_transformers")

from skmmrec.encoders import TextEncoder, _text

TRIPLES = [  # anchor, same meaning in other words, same words in another meaning
    ("A man is eating food.", "Someone has a meal.", "Food is eating into his budget."),
    (
        "The ship sank in a storm.",
        "The vessel went down in bad weather.",
        "A storm of applause greeted the new ship.",
    ),
    (
        "Two detectives hunt a killer.",
        "The police are looking for a murderer.",
        "Two killer whales hunt.",
    ),
    ("How old are you?", "What is your age?", "How are you, old friend?"),
]


@pytest.fixture
def load_count(monkeypatch):
    """How many models were loaded, counted from an empty cache."""
    import sentence_transformers

    class Counted(sentence_transformers.SentenceTransformer):
        count = 0

        def __init__(self, *args, **kwargs):
            type(self).count += 1
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", Counted)
    _text._load.cache_clear()
    yield lambda: Counted.count
    _text._load.cache_clear()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_meaning_counts_more_than_words(minilm, dtype):
    encoder = TextEncoder(minilm, dtype=dtype)
    anchor, same, other = (
        encoder.fit_transform(list(texts)) for texts in zip(*TRIPLES)
    )
    assert anchor.shape == (len(TRIPLES), 384)
    assert ((anchor * same).sum(axis=1) > (anchor * other).sum(axis=1)).all()
    np.testing.assert_allclose(np.linalg.norm(anchor, axis=1), 1, rtol=1e-5)


def test_clones_share_one_model_and_pickles_hold_none(minilm, load_count):
    encoder = TextEncoder(str(minilm))
    features = encoder.fit_transform(["a ghost ship"])
    copies = [clone(encoder).fit([]), pickle.loads(pickle.dumps(encoder))]
    for copy in copies:
        np.testing.assert_array_equal(copy.transform(["a ghost ship"]), features)
    assert load_count() == 1
    assert len(pickle.dumps(encoder)) < 1000


def test_changed_weights_in_a_folder_are_noticed(
    tiny_sentence_transformer, tmp_path, load_count
):
    tiny_sentence_transformer.save(str(tmp_path))
    encoder = TextEncoder(tmp_path).fit(["ghost"])
    before = encoder.transform(["ghost"])
    changed = pickle.loads(pickle.dumps(tiny_sentence_transformer))
    changed[0].embedding.weight.data *= -1
    changed.save(str(tmp_path))
    np.testing.assert_allclose(encoder.transform(["ghost"]), -before, rtol=1e-6)
    assert load_count() == 2


def test_equal_texts_reach_the_model_once(tiny_sentence_transformer, monkeypatch):
    asked = []
    encode = tiny_sentence_transformer.encode

    def counted(texts, **settings):
        asked.extend(texts)
        return encode(texts, **settings)

    encoder = TextEncoder(tiny_sentence_transformer).fit(["tea"])
    monkeypatch.setattr(tiny_sentence_transformer, "encode", counted)
    encoder.transform(["tea", None, "ship", "tea", "ship"])
    assert sorted(asked) == ["ship", "tea"]


def test_rows_keep_their_length_if_asked_to(tiny_sentence_transformer):
    texts = ["ghost", "red tea"]
    unit = TextEncoder(tiny_sentence_transformer).fit_transform(texts)
    raw = TextEncoder(tiny_sentence_transformer, normalize=False).fit_transform(texts)
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    assert not np.allclose(lengths, 1)
    np.testing.assert_allclose(raw / lengths, unit, rtol=1e-5)


def test_text_that_reads_like_an_address_is_still_text(
    tiny_sentence_transformer, monkeypatch
):
    """A model that takes pictures, too, would fetch it."""
    asked = []

    def encode(inputs, **settings):
        asked.extend(inputs)
        return np.ones((len(inputs), 2))

    encoder = TextEncoder(tiny_sentence_transformer)
    monkeypatch.setattr(tiny_sentence_transformer, "encode", encode)
    monkeypatch.setattr(tiny_sentence_transformer, "preprocess", asked.extend)
    kinds = property(lambda self: ["text", "image"])
    monkeypatch.setattr(type(tiny_sentence_transformer), "modalities", kinds)
    encoder.fit_transform(["http://example.com/a.png"])
    assert asked[-1] == {"text": "http://example.com/a.png"}
    assert all(isinstance(text, dict) for text in asked)


def test_a_model_out_of_reach_says_what_to_pass(monkeypatch):
    monkeypatch.setattr(_text, "hub_is_out_of_reach", lambda extra: True)
    message = (
        "model must be a sentence transformer: .* got 'nobody/nothing', which could "
        "not be loaded .* pass a folder that holds the weights, or the module itself"
    )
    with pytest.raises(OSError, match=message):
        TextEncoder("nobody/nothing").fit(["tea"])


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(OSError, match=f"got '{tmp_path}', which could not be loaded"):
        TextEncoder(tmp_path).fit(["tea"])


def test_damaged_weights_are_named(tiny_sentence_transformer, tmp_path):
    tiny_sentence_transformer.save(str(tmp_path))
    weights = next(tmp_path.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-20])
    with pytest.raises(OSError, match=f"got '{tmp_path}', which could not be loaded"):
        TextEncoder(tmp_path).fit(["tea"])


def test_code_that_comes_with_a_model_is_not_run(tiny_sentence_transformer, tmp_path):
    tiny_sentence_transformer.save(str(tmp_path))
    modules = tmp_path / "modules.json"
    known = modules.read_text()
    kind = known.split('"type": "')[1].split('"')[0]
    modules.write_text(known.replace(kind, "intruder.Intruder"))
    trace = tmp_path / "was_run"
    code = f"open({str(trace)!r}, 'w').close()\nclass Intruder: pass"
    (tmp_path / "intruder.py").write_text(code)
    with pytest.raises(OSError, match="which could not be loaded"):
        TextEncoder(tmp_path).fit(["tea"])
    assert not trace.exists()


def test_the_extra_is_named_where_the_library_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[text\]'"):
        TextEncoder(tmp_path / "model").fit(["tea"])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"model": 3}, TypeError, "a local folder or a module; got int"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1; got 0"),
    ],
)
def test_wrong_parameters_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        TextEncoder(**parameters).fit(["tea"])


def test_what_is_not_text_is_named_by_its_row(tiny_sentence_transformer):
    with pytest.raises(TypeError, match="Texts must be str; got float in row 1"):
        TextEncoder(tiny_sentence_transformer).fit(["tea", 3.5])


def test_a_progress_bar_is_shown_on_request(tiny_sentence_transformer, capsys):
    TextEncoder(tiny_sentence_transformer).fit_transform(["tea"])
    assert not any(capsys.readouterr())
    TextEncoder(tiny_sentence_transformer, show_progress=True).fit_transform(["tea"])
    assert "Texts" in capsys.readouterr().out


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_another_backend_gives_the_same_vectors(minilm, backend):
    """From several threads at once, and for texts of any length."""
    pytest.importorskip({"onnx": "onnxruntime"}.get(backend, backend))
    texts = [" ".join(["a ghost ship"] * n) for n in range(1, 40)] + ["", "x" * 3000]
    expected = TextEncoder(minilm, dtype="float32").fit_transform(texts)
    encoder = TextEncoder(minilm, dtype="float32", backend=backend, batch_size=3)
    np.testing.assert_allclose(encoder.fit_transform(texts), expected, atol=1e-5)


def test_openvino_tells_nobody_that_it_is_used(minilm, tmp_path):
    pytest.importorskip("openvino")
    code = (
        "import sys; from skmmrec import TextEncoder;"
        "print(TextEncoder(sys.argv[1], backend='openvino').fit_transform(['a']).shape)"
    )
    command = [sys.executable, "-c", code, str(minilm)]
    environment = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert not (tmp_path / "intel").exists()


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"backend": "tensorrt"}, ValueError, "backend must be one of .*'tensorrt'"),
        ({"backend": "onnx", "dtype": "bfloat16"}, ValueError, "for backend='onnx'"),
    ],
)
def test_what_a_backend_cannot_do_is_refused(minilm, parameters, error, message):
    with pytest.raises(error, match=message):
        TextEncoder(minilm, **parameters).fit(["tea"])


def test_a_backend_needs_a_transformer_that_it_can_load(
    tiny_sentence_transformer, tmp_path
):
    with pytest.raises(TypeError, match="name or a folder .* save the model, and pass"):
        TextEncoder(tiny_sentence_transformer, backend="onnx").fit(["tea"])
    tiny_sentence_transformer.save(str(tmp_path))
    with pytest.raises(ValueError, match="must begin with a transformer"):
        TextEncoder(tmp_path, backend="onnx").fit(["tea"])


def test_the_extra_of_a_backend_is_named(minilm, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    _text._load.cache_clear()
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[onnx\]'"):
        TextEncoder(minilm, backend="onnx").fit(["tea"])
