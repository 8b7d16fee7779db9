"""A cross-encoder in a folder.

No package of a size for tests ships one, so it is made here: small, but a real ONNX model that real onnxruntime runs,
over the tokens and the vectors of the model in pampax's package. It looks both texts' tokens up, takes the mean of each
side (the token types say which is which), and gives their cosine. That is no attention; but what it gives depends on
both texts, their tokens, their padding and their truncation, which is what could go wrong here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from model2vec import StaticModel
from model_server import MODEL_FOLDER
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

import pampax
from pampax.configuration import ConfigurationError
from pampax.remote import OnnxReranker

if TYPE_CHECKING:
    from array import array
    from pathlib import Path

QUESTION = "say whether a basket is still valid"
TEXTS = [
    "basket.py\ndef check_basket(value):\n    return value > 1",
    "user.py\ndef open_user(name):\n    return 3",
    "x " * 4000,
]


def write_model(folder: Path, *, outputs: int = 1, longest: int = 64) -> None:
    """Writes `model.onnx`, `tokenizer.json` and `config.json`."""
    static = StaticModel.from_pretrained(str(MODEL_FOLDER))
    tokenizer = Tokenizer.from_file(str(MODEL_FOLDER / "tokenizer.json"))
    tokenizer.post_processor = TemplateProcessing(single="$A", pair="$A:0 $B:1", special_tokens=[])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": longest}))

    # The vector of each token, with the weights and the mapping that model2vec may keep beside the table.
    count = tokenizer.get_vocab_size()
    rows = np.arange(count) if static.token_mapping is None else np.asarray(static.token_mapping)[:count]
    table = np.asarray(static.embedding, np.float32)[rows]
    if static.weights is not None:
        table = table * np.asarray(static.weights, np.float32)[:count, None]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["vectors"])]

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    node("Cast", ["token_type_ids"], "second_raw", to=TensorProto.FLOAT)
    node("Mul", ["mask", "second_raw"], "second")
    node("Sub", ["mask", "second"], "first")
    for side in ("first", "second"):
        node("Unsqueeze", [side, "last"], f"{side}_column")
        node("Mul", ["vectors", f"{side}_column"], f"{side}_vectors")
        node("ReduceSum", [f"{side}_vectors", "middle"], f"{side}_sum", keepdims=0)
        node("ReduceL2", [f"{side}_sum", "middle"], f"{side}_length", keepdims=1)
        node("Max", [f"{side}_length", "tiny"], f"{side}_divisor")
        node("Div", [f"{side}_sum", f"{side}_divisor"], f"{side}_unit")
    node("Mul", ["first_unit", "second_unit"], "products")
    node("ReduceSum", ["products", "middle"], "cosine", keepdims=1)
    node("Neg", ["cosine"], "opposite")
    node("Concat", ["opposite", *["cosine"] * (outputs - 1)] if outputs > 1 else ["cosine"], "logits", axis=1)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    constants = {"table": table, "last": np.array([2]), "middle": np.array([1]), "tiny": np.array([1e-9], np.float32)}
    graph = helper.make_graph(
        nodes,
        "tiny cross-encoder",
        inputs,
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", outputs])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "model.onnx"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models") / "cross-encoder"
    write_model(made)
    return made


def scores(reranker: OnnxReranker, texts: list[str] = TEXTS) -> array[float]:
    from array import array

    return array("f", reranker.score(QUESTION, texts, lambda: True))


def expected(texts: list[str], longest: int = 64) -> list[float]:
    """The same by NumPy, one pair at a time and so without padding."""
    static = StaticModel.from_pretrained(str(MODEL_FOLDER))
    tokenizer = Tokenizer.from_file(str(MODEL_FOLDER / "tokenizer.json"))
    tokenizer.post_processor = TemplateProcessing(single="$A", pair="$A:0 $B:1", special_tokens=[])
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    table = np.asarray(static.embedding, np.float32)
    rows = np.arange(len(table)) if static.token_mapping is None else np.asarray(static.token_mapping)
    weights = np.ones(len(rows)) if static.weights is None else np.asarray(static.weights)
    values = []
    for text in texts:
        encoding = tokenizer.encode(QUESTION, text)
        ids, types = np.array(encoding.ids), np.array(encoding.type_ids)
        sides = []
        for side in (0, 1):
            mine = ids[types == side]
            total = (table[rows[mine]] * weights[mine][:, None]).sum(axis=0)
            sides.append(total / max(np.linalg.norm(total), 1e-9))
        values.append(float(sides[0] @ sides[1]))
    return values


def test_its_scores_are_those_of_the_model(folder: Path) -> None:
    given = scores(OnnxReranker(str(folder), threads=1))
    assert list(given) == pytest.approx(expected(TEXTS), abs=1e-4)
    assert given[0] > given[1]


def test_many_texts_go_in_batches_and_come_back_in_order(folder: Path) -> None:
    texts = [f"{'word ' * number} basket" for number in range(21)]
    assert list(scores(OnnxReranker(str(folder), threads=1), texts)) == pytest.approx(expected(texts), abs=1e-4)


def test_the_second_of_two_numbers_is_for_fits(tmp_path: Path, folder: Path) -> None:
    write_model(tmp_path / "two", outputs=2)
    two = scores(OnnxReranker(str(tmp_path / "two"), threads=1))
    assert list(two) == pytest.approx([2 * value for value in scores(OnnxReranker(str(folder), threads=1))], abs=1e-4)
    write_model(tmp_path / "three", outputs=3)
    with pytest.raises(pampax.InvalidInput, match="3 numbers for a pair"):
        scores(OnnxReranker(str(tmp_path / "three")))


def test_texts_are_cut_where_the_model_ends(tmp_path: Path) -> None:
    text = "def basket(): return 1\n" + "nothing of the sort here " * 500
    write_model(tmp_path / "short", longest=16)
    assert list(scores(OnnxReranker(str(tmp_path / "short")), [text])) == pytest.approx(expected([text], 16), abs=1e-4)


def test_a_search_with_it(folder: Path, tree: Path, tmp_path: Path) -> None:
    pampax.open(tree, store=tmp_path / "store").index()
    repository = pampax.open(tree, store=tmp_path / "store", reranker=OnnxReranker(str(folder), threads=1))
    answer = repository.search(QUESTION, limit=20)
    given = [hit.reranked[0] for hit in answer.hits if hit.reranked]
    assert len(given) == len(answer.hits) > 5
    assert given == sorted(given, reverse=True)
    assert answer.hits[0].symbol == "check_basket"
    assert answer.to_json() == repository.search(QUESTION, limit=20).to_json(), "the same question, the same bytes"


def test_a_folder_that_is_none_is_refused_at_once(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"needs model\.onnx and tokenizer\.json"):
        OnnxReranker(str(tmp_path))
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").write_bytes((folder / "model.onnx").read_bytes())
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    assert len(scores(OnnxReranker(str(tmp_path)))) == 3


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_files_that_are_none_only_dull_answers(folder: Path, tree: Path, tmp_path: Path, broken: str) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("model.onnx", "tokenizer.json", "config.json"):
        (copy / name).write_bytes(b"\x08nothing" if name == broken else (folder / name).read_bytes())
    plain = pampax.open(tree, store=tmp_path / "store")
    plain.index()
    answer = pampax.open(tree, store=tmp_path / "store", reranker=OnnxReranker(str(copy))).search(QUESTION)
    assert [hit.path for hit in answer.hits] == [hit.path for hit in plain.search(QUESTION).hits]
    assert "cannot be used" in answer.coverage.notes[0]
