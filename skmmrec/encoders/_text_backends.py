"""Sentence transformers computed by ONNX Runtime or OpenVINO instead of torch.

Sentence-transformers has such backends of its own, but what they need (optimum) asks
for older versions of transformers than it supports itself, so that they cannot be
installed together. Here the network is exported to ONNX once, and takes the place of
the one in the model; tokens, pooling and the rest stay as they are.
"""

import os
import sys
import tempfile
import warnings

from skmmrec._optional import optional_import
from skmmrec.encoders._streams import MOST_STREAMS, n_cores

BACKENDS = ("torch", "onnx", "openvino")
OUTPUT = "last_hidden_state"


def _export(network, inputs, path):
    """Write a transformer of the transformers library as ONNX.

    Parameters
    ----------
    network : torch.nn.Module
    inputs : dict of str to tensor of shape (n, length)
        An example.
    path : str
    """
    torch = optional_import("torch", extra="text")

    class Plain(torch.nn.Module):
        """The exporter wants positions for names, and a tensor for a dictionary."""

        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, *tensors):
            return self.network(**dict(zip(inputs, tensors)))[OUTPUT]

    axes = {name: {0: "n", 1: "length"} for name in [*inputs, OUTPUT]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on tracing, and on the exporter's own future
        torch.onnx.export(
            Plain(),
            tuple(inputs.values()),
            path,
            input_names=list(inputs),
            output_names=[OUTPUT],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def _onnx_runner(path):
    """A function of a dict of arrays that runs a file in ONNX Runtime."""
    onnxruntime = optional_import("onnxruntime", extra="onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, n_cores() // MOST_STREAMS)
    session = onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"]
    )
    return lambda arrays: session.run([OUTPUT], arrays)[0]


def _openvino_runner(path, dtype):
    """The same in OpenVINO, in the type of number that is asked for."""
    # without it OpenVINO counts its users, and tells a server
    sys.modules.setdefault("openvino_telemetry", None)
    openvino = optional_import("openvino", extra="openvino")
    precision = "bf16" if dtype == "bfloat16" else "f32"
    compiled = openvino.Core().compile_model(
        path,
        "CPU",
        {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "THROUGHPUT"},
    )
    # a request of its own for each call, as threads cannot share one
    return lambda arrays: compiled.create_infer_request().infer(arrays)[OUTPUT]


def with_backend(model, backend, dtype):
    """Let another runtime compute the network of a sentence transformer.

    Parameters
    ----------
    model : SentenceTransformer
        On the CPU, in float32; it is changed.
    backend : {"onnx", "openvino"}
    dtype : {"float32", "bfloat16"}
        ONNX Runtime has only the first.

    Returns
    -------
    model : SentenceTransformer

    Raises
    ------
    ValueError
        If the model does not begin with a transformer.
    """
    torch = optional_import("torch", extra="text")
    network = getattr(model[0], "model", None)
    if not hasattr(network, "set_attn_implementation"):
        raise ValueError(
            f"model must begin with a transformer for backend={backend!r}; got "
            f"{type(model[0]).__name__}; set backend='torch'."
        )
    network.set_attn_implementation("eager")
    example = model.preprocess(["one text", "another one"])
    inputs = {name: x for name, x in example.items() if torch.is_tensor(x)}
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        path = os.path.join(folder, "model.onnx")
        _export(network.eval(), inputs, path)
        run = _onnx_runner(path) if backend == "onnx" else _openvino_runner(path, dtype)
    model[0].model = _runner_module(torch, run, network.config, list(inputs))
    return model


def _runner_module(torch, run, config, names):
    """What sentence-transformers takes for the network."""
    outputs = optional_import("transformers.modeling_outputs", extra="text")

    class Runner(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.config = config

        def forward(self, **tensors):
            arrays = {name: tensors[name].numpy() for name in names}
            hidden = torch.from_numpy(run(arrays))
            return outputs.BaseModelOutput(last_hidden_state=hidden)

    return Runner()
