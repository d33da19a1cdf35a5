#!/usr/bin/env python3
"""What Hugging Face makes of the 1,000 hard strings with a tokenizer that softprompt trained on them (1,500 tokens).

  npm run build && node dist/compare/trained-tokenizer.js tokenizer.json && trained_tokenizer_fixture.py tokenizer.json

Writes test/fixtures/tokenizer/trained-here.ids.json.gz: {"ids": [[...]]}
"""

import gzip
import json
import sys
from pathlib import Path

from tokenizers import Tokenizer

FIXTURES = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "tokenizer"

tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.encode_special_tokens = True
strings = json.loads((FIXTURES / "strings.json").read_text())
ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in strings]
with gzip.GzipFile(FIXTURES / "trained-here.ids.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps({"ids": ids}, separators=(",", ":")).encode())
