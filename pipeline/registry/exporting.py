"""Exports a whole sentence-transformers pipeline as one float32 ONNX graph, for encoders that graph.py cannot build.

Input: input_ids (1, tokens) int32, one unpadded sequence. Output: embedding (1, dimension) float32 of length 1.
Needs the extra [models]. The exporter that traces is used (dynamo=False): it leaves each linear layer of the encoder
as a multiplication by a constant matrix, which is what quantize.py looks for. A layer behind the pooling becomes a
Gemm and stays float: it runs once for a text, so that INT8 would lose accuracy and win nothing.
"""

import io
from pathlib import Path
from typing import Any

import onnx

from pipeline.errors import ModelError
from pipeline.registry import reference
from pipeline.registry.graph import IR_VERSION
from pipeline.registry.outputs import OUTPUT

OPSET = 17  # the first with LayerNormalization
INPUT = "input_ids"
TRACED_TOKENS = 9  # any length: nothing in the graph may depend on it, which importing.py checks with other lengths


def export(folder: Path) -> bytes:
    """The graph of the model in a folder, as the bytes of an ONNX file. Raises ModelError, ConfigError."""
    reference.require()
    with reference.quiet():
        traced = _traced(_encoder(folder), list(reference.load(folder))[1:])
    model = onnx.load_from_string(traced)
    _tidy(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _encoder(folder: Path) -> Any:  # noqa: ANN401 - torch has no part in our types
    """The transformer with every one of its weights: those that a file lacks would be made up at random."""
    import torch  # noqa: PLC0415 - takes seconds and is seldom there
    from transformers import AutoModel  # noqa: PLC0415

    try:
        encoder, report = AutoModel.from_pretrained(
            folder, output_loading_info=True, local_files_only=True, trust_remote_code=False, use_safetensors=True,
            dtype=torch.float32, attn_implementation="eager",
        )  # fmt: skip
    except Exception as error:  # transformers raises whatever it likes, with paths in the message
        raise _failed(f"transformers cannot load it ({type(error).__name__})") from None
    missing = sorted(name for name in report["missing_keys"] if not name.startswith("pooler."))  # of no use here
    if missing:
        raise ModelError("model_architecture", f"The weights lack {missing[0]}.", "Copy the whole directory again.")
    return encoder.eval()


def _traced(encoder: Any, behind: list[Any]) -> bytes:  # noqa: ANN401
    import torch  # noqa: PLC0415

    class Pipeline(torch.nn.Module):  # type: ignore[misc]
        """Encoder, pooling, what lies behind it, and length 1. Nothing is padded, so nothing is masked."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.behind = torch.nn.ModuleList(behind)

        def forward(self, ids: Any) -> Any:  # noqa: ANN401
            features = {"token_embeddings": self.encoder(input_ids=ids, return_dict=True).last_hidden_state}
            for module in self.behind:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], p=2, dim=-1)

    file = io.BytesIO()
    example = torch.arange(TRACED_TOKENS, dtype=torch.int32)[None] % encoder.config.vocab_size
    try:
        with torch.inference_mode():
            torch.onnx.export(
                Pipeline().eval(), (example,), file, input_names=[INPUT], output_names=[OUTPUT],
                dynamic_axes={INPUT: {1: "tokens"}}, opset_version=OPSET, dynamo=False,
            )  # fmt: skip
    except Exception as error:  # torch raises whatever it likes, with tensors in the message
        raise _failed(f"torch cannot trace it ({type(error).__name__})") from None
    return file.getvalue()


def _tidy(model: onnx.ModelProto) -> None:
    """Take out what differs from machine to machine, and the detours that hide a constant from quantize.py."""
    constants = {tensor.name for tensor in model.graph.initializer}
    shared = {
        node.output[0]: node.input[0]
        for node in model.graph.node
        if node.op_type == "Identity" and node.input[0] in constants
    }
    kept = [node for node in model.graph.node if node.output[0] not in shared]
    for node in kept:
        node.doc_string = ""
        for place, name in enumerate(node.input):
            node.input[place] = shared.get(name, name)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    del model.graph.value_info[:]
    model.ir_version = min(model.ir_version, IR_VERSION)
    model.producer_name, model.producer_version, model.doc_string = "sealed-inbox", "", ""


def _failed(why: str) -> ModelError:
    return ModelError("import_unsupported", f"This model cannot be exported: {why}.", "Choose another model.")
