"""Makes the vocabulary: a WordPiece tokenizer over the words that code and questions about it are made of."""

import json
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from languages import words
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

TOKENS = 40_000
PADDING, UNKNOWN = "[PAD]", "[UNK]"
LONGEST_WORD = 24
# A word that few projects use is a name: of a person, of a company, of the project itself.
FEWEST_PROJECTS = 3
FEWEST_TIMES = 6
# How often a word is shown to the trainer grows with the root of how often it was seen, up to this.
MOST_SHOWINGS = 300


def read_pairs(path: Path) -> list[tuple[str, str, str, str, str, str]]:
    """The mined pairs of one source: kind, query, code, path, chunk and language of each."""
    return pickle.loads(path.read_bytes())  # noqa: S301 the pipeline wrote it itself


def count_words(path: Path) -> Counter[str]:
    """The words of one mined source with how often they come."""
    counts: Counter[str] = Counter()
    for _, query, code, place, _, _ in read_pairs(path):
        counts.update(words(query))
        counts.update(words(code))
        counts.update(words(place))
    return counts


def showings(counts: Counter[str], projects: Counter[str]) -> Iterator[str]:
    """The words that may form the vocabulary, each as often as the trainer is to see it."""
    for word, count in counts.items():
        if projects[word] >= FEWEST_PROJECTS and count >= FEWEST_TIMES and len(word) <= LONGEST_WORD:
            yield " ".join([word] * min(MOST_SHOWINGS, max(1, int(count**0.5))))


def empty_tokenizer() -> Tokenizer:
    """The tokenizer without a vocabulary, exactly as pampax-embed reads it."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN, max_input_chars_per_word=40))
    camel_case = Regex(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Replace(camel_case, " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("[^a-z0-9]+"), "removed")
    return tokenizer


def build_vocabulary(work: Path, tokens: int = TOKENS) -> None:
    """Writes `work`/tokenizer.json and, for a look at what was left out, `work`/words.json."""
    counts: Counter[str] = Counter()
    projects: Counter[str] = Counter()
    for path in sorted((work / "mined").glob("*.pickle")):
        found = count_words(path)
        counts.update(found)
        projects.update(found.keys())
    tokenizer = empty_tokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=tokens, special_tokens=[PADDING, UNKNOWN], show_progress=False, min_frequency=2
    )
    tokenizer.train_from_iterator(showings(counts, projects), trainer)
    tokenizer.enable_truncation(512)
    tokenizer.save(str(work / "tokenizer.json"))
    rare = [word for word, count in counts.most_common(200_000) if projects[word] < FEWEST_PROJECTS]
    (work / "words.json").write_text(json.dumps({"left out": rare[:5000], "words": len(counts)}))
    print(f"{len(counts)} words, {sum(counts.values())} occurrences, {tokenizer.get_vocab_size()} tokens")
