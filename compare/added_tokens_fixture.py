#!/usr/bin/env python3
"""Makes test/fixtures/tokenizer/variations.json.gz: what Hugging Face's library makes of made-up texts with variations of
the tiny tokenizers beside it, above all with added tokens of every kind.

A list of {"base": name, "changes": parts of the tokenizer.json that are replaced, "model": settings of the model that are,
"texts": [...], "data": ids with special tokens as ordinary characters, "written": ids with special tokens recognised}.

  added_tokens_fixture.py
"""

import gzip
import itertools
import json
import random
from pathlib import Path

from tokenizers import Tokenizer

FIXTURES = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "tokenizer"
CONTENTS = ["tea", "teapot", "a", "<mark>", "<mark>er", "  gap", "é", "ﬁ", "好看", "_x", "T", "[end] "]
PIECES = CONTENTS + ["The", "the", " ", "  ", "\t", "\n", "\u0085", "\ufeff", "\u3000", "pot", "s", "ée", "1", "_", "-", ".", "电影", "\u200d", "\u0301", "▁", "TEA",
                     "e\u0301", "fi", "<|im_start|>", "</s>", "<s>", "😀", "\u0130", "<", "mark>", "hello", "ſ"]
FLAGS = ["single_word", "lstrip", "rstrip", "normalized", "special"]

METASPACE = {"type": "Metaspace", "replacement": "▁"}
SPLIT = {"type": "Split", "pattern": {"Regex": r"\p{L}+|\s+"}}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
BYTES_ONLY = {**BYTES, "use_regex": False}


def texts(draw, count=40):
    return ["".join(draw.choices(PIECES, k=draw.randint(1, 8))) for _ in range(count)]


def added_tokens(draw, base):
    own = [token for token in base["added_tokens"]]
    taken = {token["content"] for token in own}
    last = max([*base["model"]["vocab"].values(), *[token["id"] for token in own]])
    chosen = [content for content in draw.sample(CONTENTS, draw.randint(2, 6)) if content not in taken]
    added = []
    for content in chosen:
        known = base["model"]["vocab"].get(content)
        if known is None:
            last += 1
        added.append({"id": last if known is None else known, "content": content, **{flag: draw.random() < 0.4 for flag in FLAGS}})
    return own + added


def variations():
    draw = random.Random(7)
    bases = {name: json.loads((FIXTURES / f"{name}.json").read_text()) for name in ["tiny-byte-level", "tiny-sentencepiece"]}
    lower = {"type": "Lowercase"}
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    normalizers = {
        "tiny-byte-level": [None, {"type": "NFC"}, lower, {"type": "NFKC"}, {"type": "Sequence", "normalizers": [strip, lower]}],
        "tiny-sentencepiece": [bases["tiny-sentencepiece"]["normalizer"], None],
    }
    for name, normalizer in [(name, normalizer) for name in bases for normalizer in normalizers[name]]:
        for _ in range(6 if name == "tiny-byte-level" else 10):
            yield name, {"normalizer": normalizer, "added_tokens": added_tokens(draw, bases[name])}, {}, texts(draw)

    for scheme, split in itertools.product(["always", "first", "never"], [True, False]):
        pre = {**METASPACE, "prepend_scheme": scheme, "split": split}
        yield "tiny-sentencepiece", {"normalizer": None, "pre_tokenizer": pre, "added_tokens": added_tokens(draw, bases["tiny-sentencepiece"])}, {}, texts(draw)
    for pre in [{"type": "Whitespace"}, {"type": "WhitespaceSplit"}, {**SPLIT, "behavior": "Isolated", "invert": True},
                {**SPLIT, "behavior": "Isolated", "invert": False}, {**SPLIT, "behavior": "Removed", "invert": True}]:
        yield "tiny-byte-level", {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [pre, BYTES_ONLY]}}, {}, texts(draw)
    yield "tiny-byte-level", {"pre_tokenizer": {**BYTES, "add_prefix_space": True}, "added_tokens": added_tokens(draw, bases["tiny-byte-level"])}, {}, texts(draw)
    for strip in [{"strip_left": True, "strip_right": False}, {"strip_left": False, "strip_right": True}]:
        yield "tiny-byte-level", {"normalizer": {"type": "Strip", **strip}}, {}, texts(draw)
    yield "tiny-byte-level", {"normalizer": {"type": "Replace", "pattern": {"String": "tea"}, "content": "$&$1"}}, {}, texts(draw)
    for fallback, fuse, unknown in itertools.product([True, False], [True, False], ["<unk>", None]):
        model = {"byte_fallback": fallback, "fuse_unk": fuse, "unk_token": unknown}
        yield "tiny-sentencepiece", {}, model, texts(draw)
    yield "tiny-byte-level", {}, {"ignore_merges": True}, texts(draw)


def main():
    made = []
    for name, changes, model, lines in variations():
        content = json.loads((FIXTURES / f"{name}.json").read_text())
        content.update(changes)
        content["model"].update(model)
        content["post_processor"] = None
        tokenizer = Tokenizer.from_str(json.dumps(content))
        ids = {}
        for key, plain in [("data", True), ("written", False)]:
            tokenizer.encode_special_tokens = plain
            ids[key] = [tokenizer.encode(line, add_special_tokens=False).ids for line in lines]
        made.append({"base": name, "changes": changes, "model": model, "texts": lines, **ids})
    data = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
    (FIXTURES / "variations.json.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    print(f"{len(made)} variations")


main()
