"""Text by a pretrained sentence transformer."""

import os
from functools import lru_cache

import numpy as np
from sklearn.preprocessing import normalize

from skmmrec._optional import optional_import
from skmmrec.encoders._base import BaseEncoder, check_texts
from skmmrec.encoders._checks import check_choice
from skmmrec.encoders._text_backends import BACKENDS, with_backend
from skmmrec.encoders._weights import (
    hub_is_out_of_reach,
    inference,
    loaded,
    one_error,
    placement,
    stamp_of,
    weights_facts,
)

KINDS = "a sentence transformer: a name on the hub, a local folder or a module"
DTYPES = ("auto", "float32", "bfloat16")


@lru_cache(maxsize=4)
def _load(model, device, dtype, backend, stamp):
    """The model in memory; `stamp` makes a folder whose files changed another key.

    Kept outside the estimator, so that clones in a grid share it and pickles lack it.
    """
    library = optional_import("sentence_transformers", extra="text")
    is_local = os.path.isdir(model)
    with one_error(model, KINDS, extra="text"):
        network = library.SentenceTransformer(
            model,
            device=device,
            trust_remote_code=False,
            local_files_only=is_local or hub_is_out_of_reach(extra="text"),
        )
    if backend == "torch":
        return network
    return with_backend(network, backend, str(dtype).removeprefix("torch."))


def _as_inputs(model, texts):
    """Texts as a model takes them: always as text.

    A model that also takes pictures would open a text that reads like a path, or fetch
    one that reads like an address; a dictionary says what it is.
    """
    if set(getattr(model, "modalities", ["text"])) == {"text"}:
        return texts
    return [{"text": text} for text in texts]


class TextEncoder(BaseEncoder):
    """Sentence embeddings of a pretrained model, for titles, plots and reviews.

    Close in meaning is close in space, across different words and, with a multilingual
    model, across languages. Needs the extra ``skmmrec[text]``. What exceeds the length
    a model reads, often 256 word pieces, is cut off by the model.

    Parameters
    ----------
    model : str, Path or SentenceTransformer, \
            default="sentence-transformers/all-MiniLM-L6-v2"
        A name on the Hugging Face hub, a local folder, or a loaded model. A model
        passed as an object is a parameter like any other: it is copied by `clone` and
        stored in pickles, weights and all. A name or a folder keeps both small.
    batch_size : int, default=16
        Texts per step, of like length; on a GPU larger is faster. Each core has its own
        step.
    device : str, default=None
        Such as "cpu" or "cuda"; None takes a GPU if there is one. A model passed as an
        object stays where it is.
    dtype : {"auto", "float32", "bfloat16"}, default="auto"
        What the model computes in: "auto" is bfloat16 where the processor computes in
        it, about twice as fast (mean cosine to float32 above .999), else float32.
        A model passed as an object computes in the type of its weights.
    backend : {"torch", "onnx", "openvino"}, default="torch"
        What computes the model, on the CPU: ONNX Runtime (extra ``skmmrec[onnx]``) and
        OpenVINO (extra ``skmmrec[openvino]``) can be faster than torch, to the same
        result. Exporting the model takes some seconds in each process. A model passed
        as an object stays with torch; ONNX Runtime computes in float32 only.
    normalize : bool, default=True
        Scale each row to unit length, so that inner products are cosines.
    show_progress : bool, default=False
        Show a progress bar.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers embeddings, so that no text is encoded twice; a string is a folder.
        None takes the one of `set_config`, if any; False takes none.
    redact : callable, default=None
        Takes a text, and returns it without what must not be kept: before it is encoded
        or learned from, such as `skmmrec.privacy.redact_personal_data`.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    SparseTextEncoder : Without a pretrained model.

    Notes
    -----
    Loaded models are kept in memory, four at most, and shared by all encoders of the
    process. Code that comes with a model is never run.

    References
    ----------
    Reimers and Gurevych (2019). Sentence-BERT: sentence embeddings using siamese
    BERT-networks. EMNLP.

    Examples
    --------
    >>> from skmmrec.encoders import TextEncoder
    >>> encoder = TextEncoder()
    >>> plots = ["A ghost ship.", "A haunted vessel.", "Two lawyers.", None]
    >>> features = encoder.fit_transform(plots)  # doctest: +SKIP
    >>> features.shape  # doctest: +SKIP
    (4, 384)
    """

    _noun = "text"
    _in_files = False
    _libraries = (
        *("sentence-transformers", "transformers", "tokenizers", "torch"),
        *("onnxruntime", "openvino"),
    )

    def __init__(
        self,
        model="sentence-transformers/all-MiniLM-L6-v2",
        batch_size=16,
        device=None,
        dtype="auto",
        backend="torch",
        normalize=True,
        show_progress=False,
        store=None,
        redact=None,
    ) -> None:
        self.model = model
        self.batch_size = batch_size
        self.device = device
        self.dtype = dtype
        self.backend = backend
        self.normalize = normalize
        self.show_progress = show_progress
        self.store = store
        self.redact = redact

    def _fit(self, values, rows):
        check_choice("dtype", self.dtype, DTYPES)
        check_choice("backend", self.backend, BACKENDS)
        self._check_backend()
        self._check(values, rows)

    def _check_backend(self):
        """Refuse what a backend cannot do."""
        if self.backend == "torch":
            return
        if not isinstance(self.model, (str, os.PathLike)):
            raise TypeError(
                f"model must be a name or a folder for backend={self.backend!r}; got "
                f"{type(self.model).__name__}; save the model, and pass its folder."
            )
        if self.backend == "onnx" and self.dtype == "bfloat16":
            raise ValueError(
                "dtype must be 'auto' or 'float32' for backend='onnx'; got 'bfloat16'; "
                "set backend='openvino' or 'torch' for it."
            )

    def _check(self, values, rows):
        check_texts(values, rows)

    def _read(self, value, row):
        # half a character, as from a text that was cut, is no text for a tokenizer
        return value.encode("utf-8", "replace").decode("utf-8")

    def _length(self, value):
        return len(value)

    def _width(self):
        return self._encode(["text"]).shape[1]

    def _load(self):
        model = self._loaded()
        # the first text sets up the tokenizer, which threads may then share
        if hasattr(model, "preprocess"):
            model.preprocess(_as_inputs(model, ["text"]))

    def _encode(self, batch):
        model = self._loaded()
        with inference(self.model, *self._placement(), extra="text"):
            vectors = model.encode(
                _as_inputs(model, batch),
                batch_size=len(batch),
                show_progress_bar=False,
                convert_to_numpy=True,
            ).astype(np.float32)
        # here and not in the model, which may compute in bfloat16: lengths would be off
        return normalize(vectors, copy=False) if self.normalize else vectors

    def _stamp(self):
        return stamp_of(self.model)

    def _depends_on(self):
        return {
            **weights_facts(self.model, self._loaded),
            "dtype": str(self._placement()[1]),
        }

    def _placement(self):
        """Device and type of number; ONNX Runtime has float32 alone."""
        dtype = "float32" if self.backend == "onnx" else self.dtype
        device = self.device if self.backend == "torch" else "cpu"
        return placement(device, dtype, extra="text")

    def _loaded(self):
        def is_module(model):
            return callable(getattr(model, "encode", None))

        return loaded(
            self.model, _load, (*self._placement(), self.backend), KINDS, is_module
        )
