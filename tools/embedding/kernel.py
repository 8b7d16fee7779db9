"""The compiled inner loops of training, called with NumPy arrays."""

import ctypes
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SOURCE = Path(__file__).with_name("kernel.c")
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Bags:
    """Texts as bags of tokens: row r has the entries `offsets[r]` to `offsets[r + 1]`.

    `tokens` i32 [entries], `factors` f32 [entries] (how often a token counts), `offsets` i64 [rows + 1].
    """

    tokens: NDArray[np.int32]
    factors: Floats
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def compile_kernel(work: Path) -> ctypes.CDLL:
    """Compiles kernel.c for this machine, unless that is done, and loads it."""
    library = work / "kernel.so"
    compiler = shutil.which("cc")
    if compiler is None:
        raise SystemExit("training needs a C compiler named cc")
    if not library.exists() or library.stat().st_mtime < SOURCE.stat().st_mtime:
        flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, "-o", library, SOURCE, "-lm"], check=True)  # noqa: S603
    loaded = ctypes.CDLL(str(library))
    loaded.contrast.restype = ctypes.c_double
    return loaded


class Kernel:
    """The functions of kernel.c."""

    def __init__(self, work: Path) -> None:
        self.library = compile_kernel(work)

    @staticmethod
    def pointer(values: NDArray[np.generic], kind: type[np.generic]) -> ctypes.c_void_p:
        """The address of an array, which must be dense and of the kind that the C code expects."""
        if not values.flags.c_contiguous or values.dtype != kind:
            raise TypeError(f"the kernel needs a dense array of {kind.__name__}, this one is of {values.dtype}")
        return ctypes.c_void_p(values.ctypes.data)

    def sum_tokens(self, table: Floats, bags: Bags) -> Floats:
        """The sum of the tokens' vectors for each bag, f32 [rows, dimensions]."""
        out = np.empty((len(bags), table.shape[1]), np.float32)
        sizes = (ctypes.c_int64(len(bags)), ctypes.c_int64(table.shape[1]))
        entries = (self.pointer(bags.tokens, np.int32), self.pointer(bags.factors, np.float32))
        offsets = self.pointer(bags.offsets, np.int64)
        self.library.sum_tokens(
            self.pointer(table, np.float32), *entries, offsets, *sizes, self.pointer(out, np.float32)
        )
        return out

    def spread_gradient(self, row_gradient: Floats, bags: Bags, gradient: Floats) -> NDArray[np.int32]:
        """Writes the gradient of every token of the bags into its row of `gradient`; returns those tokens."""
        rows = np.repeat(np.arange(len(bags), dtype=np.int32), np.diff(bags.offsets))
        # 16 bits are enough for a token, and NumPy sorts them by counting.
        order = np.argsort(bags.tokens.astype(np.uint16), kind="stable")
        ordered = bags.tokens[order]
        first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        tokens = np.ascontiguousarray(ordered[first])
        starts = np.append(first, len(ordered)).astype(np.int64)
        # Pointers keep no array alive, so every array has a name.
        rows, factors = rows[order], bags.factors[order]
        self.library.spread_gradient(
            self.pointer(row_gradient, np.float32), self.pointer(rows, np.int32),
            self.pointer(factors, np.float32), self.pointer(starts, np.int64), self.pointer(tokens, np.int32),
            ctypes.c_int64(len(tokens)), ctypes.c_int64(gradient.shape[1]), self.pointer(gradient, np.float32),
        )  # fmt: skip
        return tokens

    def contrast(self, cosines: Floats, numbers: Sequence[NDArray[np.int32]], inverse_temperature: float) -> float:
        """Turns cosines [size, size] into the gradient of the loss, in place; returns the mean loss.

        `numbers` are those of the pairs' chunks, queries and files, and whether a pair is broad, each i32 [size].
        """
        pointers = [self.pointer(values, np.int32) for values in numbers]
        scale, size = ctypes.c_float(inverse_temperature), ctypes.c_int64(len(cosines))
        return float(self.library.contrast(self.pointer(cosines, np.float32), *pointers, scale, size))

    def adam(self, arrays: list[Floats], tokens: NDArray[np.int32], rates: tuple[float, float], step: int) -> None:
        """One step of Adam for `tokens`.

        `arrays` are those of kernel.c up to the gradient, `rates` the learning rates of vectors and weights.
        """
        keep_mean, keep_square = 0.9, 0.99
        numbers = (*rates, keep_mean, keep_square, 1 - keep_mean**step, 1 - keep_square**step)
        pointers = [self.pointer(array, np.float32) for array in arrays]
        sizes = (ctypes.c_int64(len(tokens)), ctypes.c_int64(arrays[0].shape[1]))
        self.library.adam(*pointers, self.pointer(tokens, np.int32), *sizes, *(ctypes.c_float(n) for n in numbers))
