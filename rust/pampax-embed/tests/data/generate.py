"""Make the models and expected vectors of this folder: ``python generate.py FOLDER`` (needs model2vec and tokenizers)."""

import json
import sys
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

TEXTS = [
    "",
    "   \n\t ",
    "def search(self, query, limit=10):\n    return self.index[query]  # the index",
    "unaffable unknownzzz the Search",
    "Ünïcode naïve CAFÉ straße Ⅷ ﬁ İstanbul ǅ",
    "東京 tower 한국어 日本",
    "[PAD] the [UNK] index [pad] x[PAD]y",
    "a\u0301e\u0300 zero\u200bwidth soft\u00adhyphen nul\x00byte \ufffd \ue000 tab\tbell\x07",
    "parseHTTPResponse_fooBar2x(x)->utf8Decode XMLHttpRequest __init__ self.get_URLs",
    "search" * 30,
    "the index " * 400,
    "«quoted» — dash… ‘single’ ¿que? a·b ‿ § © ^`$+<=>|~",
    "\u2028line\u2029para\u00a0nbsp\u3000ideographic",
    "the the the index index limit",
    "ᾳ ΑΣ ὈΔΥΣΣΕΎΣ \u212a \u212b",
    "कि की हिन्दी ไทย",
]
# fmt: off
WORDS = [
    "the", "search", "index", "limit", "self", "def", "return", "query", "affable", "http", "response", "parse", "tokyo",
    "tower", "cafe", "naive", "strasse", "istanbul", "foo", "bar", "utf", "decode", "get", "url", "xml", "request", "init",
    "zero", "width", "soft", "hyphen", "line", "para", "que", "quoted", "dash", "single", "pad", "x", "y",
]
# fmt: on
LETTERS = (
    "abcdefghijklmnopqrstuvwxyz0123456789()[]{}.,:;=+-_*/\\#<>\"'!?@&%$^`|~«»—…‘’¿·‿§©東京日本한국어éüïßⅷﬁкสαδσυεύς"
    "कहनदिี"
)
DIMENSIONS = 8
CAMEL_CASE = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"


def bert_vocabulary() -> dict[str, int]:
    tokens = ["[PAD]", "[UNK]", *WORDS, *sorted(set(LETTERS))]
    tokens += ["##" + letter for letter in sorted(set("abcdefghijklmnopqrstuvwxyz0123456789αδσυες국어"))]
    tokens += ["##able", "##ff", "##ing", "un", "##search", "##er"]
    tokens += ["ᄒ", "##ᅡ", "##ᆫ", "##ᄀ", "##ᅮ", "##ᆨ", "##ᄋ", "##ᅥ"]
    return {token: number for number, token in enumerate(dict.fromkeys(tokens))}


def wordpiece(vocabulary: dict[str, int], longest_word: int) -> Tokenizer:
    return Tokenizer(models.WordPiece(vocab=vocabulary, unk_token="[UNK]", max_input_chars_per_word=longest_word))


def save(folder: Path, tokenizer: Tokenizer, vectors: np.ndarray, **options: object) -> None:
    tokenizer.add_special_tokens(["[PAD]", "[UNK]"])
    StaticModel(vectors, tokenizer, normalize=True, **options).save_pretrained(folder)
    for name in ("README.md", "modules.json"):
        (folder / name).unlink(missing_ok=True)
    model = StaticModel.from_pretrained(folder)
    vectors_of_texts = model.encode(TEXTS, normalize=True).astype("f4").tolist()
    expected = []
    for text, vector in zip(TEXTS, vectors_of_texts, strict=True):
        cut = text if model.max_length is None else text[: model.max_length * model.median_token_length]
        rounded = [float(f"{value:.8g}") for value in vector]
        expected.append({"text": text, "tokens": model.tokenize([cut])[0], "vector": rounded})
    (folder / "expected.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in expected) + "\n]\n")


def main(folder: Path) -> None:
    random = np.random.default_rng(7)
    vocabulary = bert_vocabulary()

    tokenizer = wordpiece(vocabulary, 100)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    vectors = random.standard_normal((len(vocabulary), DIMENSIONS)).astype("f4")
    save(folder / "bert-f32", tokenizer, vectors, max_length=64)

    tokenizer = wordpiece(vocabulary, 12)
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    vectors = random.standard_normal((len(vocabulary), DIMENSIONS)).astype("f2")
    save(folder / "bert-cased-f16", tokenizer, vectors, max_length=None)

    plain = "abcdefghijklmnopqrstuvwxyz0123456789#"
    kept = [token for token in vocabulary if token in ("[PAD]", "[UNK]") or all(letter in plain for letter in token)]
    tokenizer = wordpiece({token: number for number, token in enumerate(kept)}, 40)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Replace(Regex(CAMEL_CASE), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[^a-z0-9]+"), "removed")
    clusters = 20
    save(
        folder / "identifier-i8-clustered",
        tokenizer,
        random.integers(-127, 128, (clusters, DIMENSIONS)).astype("i1"),
        weights=np.abs(random.standard_normal(len(kept))).astype("f4"),
        token_mapping=random.integers(0, clusters, len(kept)),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
