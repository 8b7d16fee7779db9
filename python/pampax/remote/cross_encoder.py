"""Second opinions on hits from a cross-encoder in a folder, run on this machine."""

# pathlib is not needed for three paths.
# ruff: noqa: PTH113, PTH118, PTH123

from __future__ import annotations

import json
import os
import threading
from array import array
from typing import TYPE_CHECKING, Any

from pampax._core import InvalidInput
from pampax.configuration import ConfigurationError
from pampax.remote.address import need

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

_MOST_TOKENS = 8192
_USUAL_TOKENS = 512
_BATCH_PAIRS = 8


class OnnxReranker:
    """A cross-encoder. To be given to `pampax.open` as `reranker`."""

    def __init__(self, folder: str, *, candidates: int = 50, text_bytes: int = 4 << 10, threads: int = 0) -> None:
        """`folder` holds `model.onnx` (there or in `onnx/`) and `tokenizer.json`, and may hold `config.json`.

        The model takes `input_ids` and `attention_mask`, and `token_type_ids` if it knows them, and gives one number
        for each pair, or two of which the second is for "fits". It is read when it is first asked. Raises
        `ConfigurationError`.
        """
        need("rerank", "onnxruntime", "tokenizers")
        places = [os.path.join(folder, "model.onnx"), os.path.join(folder, "onnx", "model.onnx")]
        model = next((place for place in places if os.path.isfile(place)), None)
        tokenizer = os.path.join(folder, "tokenizer.json")
        if model is None or not os.path.isfile(tokenizer):
            raise ConfigurationError(f"{folder} is no cross-encoder: it needs model.onnx and tokenizer.json")
        self.name = f"the model in {folder}"
        self.candidates = candidates
        self.text_bytes = text_bytes
        self._folder = folder
        self._model_path, self._tokenizer_path = model, tokenizer
        self._threads = threads
        self._session: Any = None
        self._tokenizer: Any = None
        self._lock = threading.Lock()

    def score(self, question: str, texts: Sequence[str], keep_going: Callable[[], bool]) -> bytes:
        """A score for each of `texts`, higher is better, as 32-bit floats.

        Raises `InvalidInput` if the files are no cross-encoder, `KeyboardInterrupt`.
        """
        scores = array("f")
        with self._lock:
            self._open()
            for start in range(0, len(texts), _BATCH_PAIRS):
                if not keep_going():
                    raise KeyboardInterrupt
                scores.frombytes(self._batch(question, texts[start : start + _BATCH_PAIRS]).tobytes())
        return scores.tobytes()

    def _open(self) -> None:
        if self._session is not None:
            return
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        try:
            self._tokenizer = Tokenizer.from_file(self._tokenizer_path)
            self._tokenizer.enable_truncation(self._longest_tokens())
            self._tokenizer.enable_padding()
            self._session = onnxruntime.InferenceSession(self._model_path, options, ["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 - both libraries raise exceptions of no common class
            raise self._unusable(error) from None

    def _longest_tokens(self) -> int:
        """What the model was made for, from its configuration; 512 if that does not say."""
        try:
            with open(os.path.join(self._folder, "config.json"), encoding="utf-8") as file:
                longest = json.load(file)["max_position_embeddings"]
        except (OSError, ValueError, KeyError, TypeError):
            return _USUAL_TOKENS
        return min(longest, _MOST_TOKENS) if isinstance(longest, int) and longest > 0 else _USUAL_TOKENS

    def _batch(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        try:
            encodings = self._tokenizer.encode_batch([(question, text) for text in texts])
            columns = {
                "input_ids": [encoding.ids for encoding in encodings],
                "attention_mask": [encoding.attention_mask for encoding in encodings],
                "token_type_ids": [encoding.type_ids for encoding in encodings],
            }
            wanted = [given.name for given in self._session.get_inputs()]
            logits = self._session.run(None, {name: np.array(columns[name], np.int64) for name in wanted})[0]
            scores = np.asarray(logits, np.float32).reshape(len(texts), -1)
        except Exception as error:  # noqa: BLE001 - as above
            raise self._unusable(error) from None
        if scores.shape[1] not in (1, 2):
            raise InvalidInput(f"{self.name} gives {scores.shape[1]} numbers for a pair: it is no cross-encoder")
        return scores[:, 0] if scores.shape[1] == 1 else scores[:, 1] - scores[:, 0]

    def _unusable(self, error: Exception) -> InvalidInput:
        said = " ".join(str(error).split())[:200]
        return InvalidInput(f"{self.name} cannot be used: {type(error).__name__}: {said}")
