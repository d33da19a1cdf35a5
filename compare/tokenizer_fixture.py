#!/usr/bin/env python3
"""Makes the tokenizer fixtures in test/fixtures/tokenizer: 1,000 hard strings and what Hugging Face makes of them.

  strings.json                  the strings
  tiny-byte-level.json          a byte-level BPE trained here (a tokenizer.json)
  tiny-sentencepiece.json       a SentencePiece-like BPE with byte fallback, trained here (a tokenizer.json)
  tiny-word-piece.json          a WordPiece as BERT's, uncased, trained here (a tokenizer.json)
  tiny-unigram.json.gz          a Unigram as T5's, trained here by SentencePiece (a tokenizer.json)
  tiny-sentencepiece-gguf.json  the same vocabulary as GGUF metadata, with scores instead of merges
  NAME.ids.json.gz              {"ids": [[...]], "decoded": {index: text where decoding does not give the string back}}

Special tokens are neither added nor recognised inside text, as `split_special_tokens=True` does in transformers.
The ids of SmolLM2 and stories260k need their folders; without --models they are left as they are.

  tokenizer_fixture.py [--models ../shared/models]
"""

import argparse
import gzip
import json
import random
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer
from transformers.convert_slow_tokenizer import generate_merges
from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

OUT = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "tokenizer"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

CHINESE = ["这部电影非常好看", "该文本表达了正向情感", "该文本表达了负向情感", "物流太慢了，差评！", "價格實惠，做工精緻。", "他说：“明天见。”",
           "我们在２０２４年１月３日见面", "㐀䶵𠀀𪛖", "北京大学（Peking University）", "「你好」、『世界』", "……——～·《》【】", "一二三四五六七八九十百千万〇"]
WORDS = ["The quick brown fox", "it's", "IT'S", "they'll've", "don’t", "rock 'n' roll", "naïve façade", "Straße", "İstanbul ı", "ﬁne ﬂow",
         "co-operate", "e.g.", "U.S.A.", "CamelCaseWord", "snake_case_word", "ALLCAPS", "mIxEd", "supercalifragilisticexpialidocious",
         "It was terrible", "It was great", "a", "I", "'s", "'S", "'ll'", "''''", "x's 's s'"]
SCRIPTS = ["日本語のテキストです", "ｶﾀｶﾅ ひらがな カタカナ", "한국어 문장입니다", "ᄒ\u1161ᆫ", "ภาษาไทยไม่มีช่องว่าง", "हिन्दी में वाक्य क्षेत्र", "বাংলা ভাষা", "தமிழ்",
           "עברית עם נִקּוּד", "العربية مع تَشْكِيل", "فارسی ۱۲۳۴", "Ελληνικά", "Привет, мир", "ქართული", "Հայերեն", "አማርኛ", "ᐃᓄᒃᑎᑐᑦ", "ພາສາລາວ",
           "မြန်မာ", "ខ្មែរ", "𝕳𝖊𝖑𝖑𝖔 𝟙𝟚𝟛", "𓀀𓁐", "🄰🄱", "ⅣⅫ ½ ⅔ ² ₃ ①②③ ㉑", "\u202eright to left\u202c", "abc\u200fאבג\u200eabc", "ß ſ ẞ", "ǅ ǆ Ǆ"]
EMOJI = ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇨🇳🇺🇸", "❤️", "❤", "1️⃣#️⃣", "🧑🏿‍🚀", "👩‍❤️‍💋‍👨", "☺︎☺️", "🤦🏼‍♂️", "🫠🪿", "©®™", "\u200d", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
DIGITS = ["0", "7", "42", "123", "1234567890", "3.14159", "1,000,000", "-12", "+86 138-0013-8000", "0x1F", "1e-9", "٣٤٥", "१२३", "１２３", "²³", "½", "12½",
          "2024-01-03T04:05:06Z", "192.168.0.1", "100%", "$5.00", "€9,99", "一百二十三", "٪", "〇", "𝟘𝟙", "Ⅳ", "1st 2nd 3rd", "৪২", "000"]
SPACES = [" ", "  ", "   ", "    ", "\t", "\t\t", "\n", "\n\n", "\n\n\n", "\r\n", "\r", " \n", "\n ", " \t ", "\u00a0", "\u3000", "\u2003", "\u2009\u200a", "\u202f",
          "\u200b", "\ufeff", "\u0085", "\u2028", "\u2029", "\u180e", "\u1680", "\x0b", "\x0c", "\x1c", "\x1f", "\u205f", "\u2060", "        ", " " * 17]
CODE = ["def f(x):\n    return x ** 2\n", "for (let i = 0; i < n; ++i) { a[i] += b; }", "#include <stdio.h>\nint main(){}", "<div class=\"a\">&nbsp;</div>",
        "SELECT * FROM t WHERE a = 'b';", "{\"key\": [1, 2.5, null]}", "https://example.com/a?b=c&d=%E4%BD%A0#e", "user@example.com", "C:\\path\\to\\file",
        "\\n \\t \\\\", "```python\nprint('hi')\n```", "a->b::c<d>", "x = y == z != w", "/* c */ // d", "$HOME/.bashrc", "git commit -m \"x\"", "\tindented\n\t\ttwice",
        "!!??..,,;;::", "----====____****", "((((]]]]}}}}", "~`!@#$%^&*()_+-={}[]|\\:;\"'<>,.?/", "...", "…", "—–-", "“”‘’«»"]
MARKS = ["e\u0301", "é", "e\u0301\u0323", "n\u0303", "Å Å Å", "o\u0302\u0323", "\u0301", "a\u0300\u0301\u0302\u0303\u0304\u0305", "Z͑ͫ̓a̴l̷g̵o̶", "カ\u3099", "ガ", "가 가", "ﷺ", "ﬀ", "x\ufe0f",
         "\U0001d15e", "क\u094dष", "ක්\u200dෂ", "\u0e33", "q̣̇"]
TOKENS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_start|>user\nhi<|im_end|>\n", "<s>", "</s>", "<unk>", "<0x0A>", "<0xE4>", "▁", "▁▁the", "Ġthe", "Ċ", "[INST]",
          "[MASK]", "<pad>", "<|im_start", "|im_end|>", "<repo_name>", "<file_sep>", "a<s>b", " <s> ", "<|endoftext|><|endoftext|>", "Ġ Ġ", "<tool_call>", "x<tool_call>y"]
QUIRKS = ["", "\x00", "\x01\x02", "\x7f", "\x1b[31mred\x1b[0m", "\ufffd", "\ufffe", "\uffff", "\ue000", "\U000f0000", "\U0010ffff", "\u00ad", "a\u00adb", "\u0378", "\u2e3a", "aaaaaaaaaaaaaaaaaaaaaaaa",
          "ab" * 30, "哈" * 20, "😂" * 10, "\n" * 10, "....................", "the the the the", " the", "the ", " the ", "  the  ", "The\tthe", "的的的的", "ÿ", "Ā", "ÿþ", "À\x80",
          "\u115f", "\u3164", "\u2800", "\u034f", "\u061c", "\U000e0001"]
POOLS = [CHINESE, WORDS, SCRIPTS, EMOJI, DIGITS, SPACES, CODE, MARKS, TOKENS, QUIRKS]


def hard_strings():
    """Every piece of the pools alone, then random rows of pieces from one, two or all pools, until there are 1,000."""
    draw = random.Random(20240103)
    strings = list(dict.fromkeys(piece for pool in POOLS for piece in pool))
    seen = set(strings)
    while len(strings) < 1000:
        pools = draw.sample(POOLS, draw.choice([1, 2, 2, 3, len(POOLS)]))
        joint = draw.choice(["", "", " ", "  ", "\n", "，"])
        text = joint.join(draw.choice(draw.choice(pools)) for _ in range(draw.randint(2, 6)))
        if len(text) <= 90 and text not in seen:
            seen.add(text)
            strings.append(text)
    return strings


CORPUS = [
    "The film was great and the story was terrible. It was great. It was terrible. It was good. It was bad.",
    "There is nothing in this world that they would not have seen before, and there it was again and again.",
    "This is the thing about the other one: she said that he was there with them when it all went wrong.",
    "don't it's they're we've I'll I'd I'm; 1 2 3 10 20 300 4000; for i in range(10): print(i)",
    "该文本表达了正向情感。该文本表达了负向情感。这部电影非常好看，该文本表达了正向情感。",
    "这家餐厅的服务很差，该文本表达了负向情感。这个产品很好，正向。那个产品不好，负向。这是一部很好的电影。",
]
BOUNDARIES = [joint.join([left, right]) for joint in ["", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\u3000"]
              for left in ["a", "The", "'s", "'S", "12", "1234", "...", "/", "好", "é", "e\u0301", "½", "٣"]
              for right in ["a", "The", "'s", "'S", "12", "1234", "...", "/", "好", "é", "e\u0301", "½", "٣"]]


def tiny_byte_level():
    """Trained without splitting at words, so that merges cross every boundary and a wrong split shows in the ids."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(CORPUS + BOUNDARIES, trainers.BpeTrainer(
        vocab_size=700, max_token_length=12, special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.add_tokens([AddedToken("<tool_call>", normalized=False, special=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", tokenizer.token_to_id("<|im_start|>"))])
    return tokenizer


def tiny_word_piece():
    """As BERT's uncased tokenizers: accents stripped, Chinese characters alone, [CLS] and [SEP] around a text."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    # The trainer draws ties by the order of its hash maps, so it is trained once: see the fixture.
    path = OUT / "tiny-word-piece.json"
    if path.exists():
        return Tokenizer.from_file(str(path))
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(CORPUS + BOUNDARIES, trainers.WordPieceTrainer(
        vocab_size=400, special_tokens=marks, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(mark, tokenizer.token_to_id(mark)) for mark in ["[CLS]", "[SEP]"]])
    return tokenizer


def unigram_pieces():
    """Pieces and scores of a SentencePiece unigram model trained here, with SentencePiece's own normalisation (nmt_nfkc) as a table."""
    import io

    import sentencepiece

    path = OUT / "tiny-unigram.json.gz"
    if path.exists():
        return json.loads(gzip.decompress(path.read_bytes()))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 4 + BOUNDARIES), model_writer=model, vocab_size=420, model_type="unigram",
        character_coverage=0.995, hard_vocab_limit=False, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, num_threads=1)
    from transformers.convert_slow_tokenizer import import_protobuf

    proto = import_protobuf().ModelProto.FromString(model.getvalue())
    vocab = [(piece.piece, piece.score) for piece in proto.pieces]
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
        normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    extra = [f"<extra_id_{i}>" for i in range(99, -1, -1)]
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>", *extra])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return json.loads(tokenizer.to_str())


def tiny_sentencepiece_parts():
    """Vocabulary in SentencePiece's order (special, bytes, merged pieces by rank, characters) and the trained merges."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    trained.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=330, show_progress=False))
    model = json.loads(trained.to_str())["model"]
    merges = [tuple(merge) for merge in model["merges"]]
    pieces = [left + right for left, right in merges]
    characters = sorted(piece for piece in model["vocab"] if len(piece) == 1)
    return ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + pieces + characters, merges


def sentencepiece(tokens, merges):
    tokenizer = Tokenizer(models.BPE(
        vocab={token: index for index, token in enumerate(tokens)}, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def gguf_metadata(tokens):
    """As llama.cpp's converter writes a SentencePiece BPE: score of a merged piece = -rank, characters after all pieces."""
    kinds = [2, 3, 3] + [6] * 256 + [1] * (len(tokens) - 259)
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [0.0] * 259 + [-float(rank) for rank in range(len(tokens) - 259)],
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.unknown_token_id": 0,
    }


def write_ids(name, tokenizer, strings):
    tokenizer.encode_special_tokens = True
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in strings]
    decoded = {str(index): back for index, (text, row) in enumerate(zip(strings, ids))
               if (back := tokenizer.decode(row, skip_special_tokens=False)) != text}
    content = json.dumps({"ids": ids, "decoded": decoded}, ensure_ascii=False, separators=(",", ":")).encode()
    (OUT / f"{name}.ids.json.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    return ids


def write_json(name, value):
    (OUT / name).write_text(json.dumps(value, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path)
    models_folder = parser.parse_args().models
    OUT.mkdir(parents=True, exist_ok=True)
    strings = hard_strings()
    write_json("strings.json", strings)

    byte_level = tiny_byte_level()
    write_json("tiny-byte-level.json", json.loads(byte_level.to_str()))
    write_ids("tiny-byte-level", byte_level, strings)
    for pre in ["llama-bpe", "qwen2", "tekken", "gpt-2"]:
        variant = Tokenizer.from_str(byte_level.to_str())
        if pre == "gpt-2":
            variant.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        else:
            variant.pre_tokenizer = pre_tokenizers.Sequence([
                pre_tokenizers.Split(Regex(GGUF_PRE_TOKENIZER_SPLITS[pre]), behavior="isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        if pre == "qwen2":  # the hub's Qwen2 tokenizers normalise
            variant.normalizer = normalizers.NFC()
        if pre in ("llama-bpe", "tekken"):  # Llama 3's and Mistral Nemo's tokenizer.json say so
            variant.model.ignore_merges = True
        write_ids(f"tiny-byte-level-{pre}", variant, strings[::3])

    word_piece = tiny_word_piece()
    write_json("tiny-word-piece.json", json.loads(word_piece.to_str()))
    write_ids("tiny-word-piece", word_piece, strings)
    for name, normalizer in [("cased", normalizers.BertNormalizer(lowercase=False)),
                             ("accents", normalizers.BertNormalizer(lowercase=True, strip_accents=False))]:
        variant = Tokenizer.from_str(word_piece.to_str())
        variant.normalizer = normalizer
        write_ids(f"tiny-word-piece-{name}", variant, strings[::3])

    unigram = unigram_pieces()
    content = json.dumps(unigram, ensure_ascii=False, separators=(",", ":")).encode()
    (OUT / "tiny-unigram.json.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    write_ids("tiny-unigram", Tokenizer.from_str(json.dumps(unigram)), strings)
    # as XLM-RoBERTa's older files: words first, then the mark; and with bytes for what is in no piece
    variant = json.loads(json.dumps(unigram))
    variant["normalizer"] = variant["normalizer"]["normalizers"][0]
    variant["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]}
    write_ids("tiny-unigram-words", Tokenizer.from_str(json.dumps(variant)), strings[::3])
    variant["model"]["vocab"] += [[f"<0x{byte:02X}>", -9.0] for byte in range(256)]
    variant["model"]["byte_fallback"] = True
    variant["added_tokens"] = variant["added_tokens"][:3]
    write_ids("tiny-unigram-bytes", Tokenizer.from_str(json.dumps(variant)), strings[::3])

    tokens, merges = tiny_sentencepiece_parts()
    tiny = sentencepiece(tokens, merges)
    write_json("tiny-sentencepiece.json", json.loads(tiny.to_str()))
    write_ids("tiny-sentencepiece", tiny, strings)
    for scheme in ["first", "never"]:  # the same vocabulary, spaces marked by Metaspace as newer tokenizer.json files do
        variant = Tokenizer.from_str(tiny.to_str())
        variant.normalizer = None
        variant.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme=scheme, split=False)
        variant.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(replacement="▁", prepend_scheme=scheme)])
        write_ids(f"tiny-sentencepiece-metaspace-{scheme}", variant, strings[::3])
    metadata = gguf_metadata(tokens)
    write_json("tiny-sentencepiece-gguf.json", metadata)
    scores = dict(zip(tokens, metadata["tokenizer.ggml.scores"]))
    derived = generate_merges({token: index for index, token in enumerate(tokens)}, scores, skip_tokens=tokens[:259])
    write_ids("tiny-sentencepiece-gguf", sentencepiece(tokens, derived), strings)

    if models_folder is None:
        return
    for name in ["smollm2-135m-instruct", "stories260k"]:
        tokenizer = Tokenizer.from_file(str(models_folder / name / "tokenizer.json"))
        ids = write_ids(name, tokenizer, strings)
        peer = AutoTokenizer.from_pretrained(models_folder / name, split_special_tokens=True)
        differing = sum(row != peer(text, add_special_tokens=False).input_ids for text, row in zip(strings, ids))
        print(f"{name}: AutoTokenizer differs from its tokenizer.json on {differing} of {len(strings)}")
        if name == "smollm2-135m-instruct":  # as the hub's SmolLM2 tokenizer.json splits digits; its GGUF says `smollm`
            tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
                [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
            write_ids("smollm2-gguf", tokenizer, strings)


if __name__ == "__main__":
    main()
