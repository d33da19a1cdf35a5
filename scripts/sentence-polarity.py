"""Makes samples/sentence-polarity from NLTK's archive of the sentence polarity set (Pang & Lee 2005).

python3 scripts/sentence-polarity.py FOLDER_OF_NLTK_ZIPS samples/sentence-polarity
Test: 2,000 sentences, training: 8,000, validation: the rest. Which sentence goes where follows from its hash, so that
the split does not depend on the order of the archive. Standard library alone.
"""

import hashlib
import sys
import zipfile
from pathlib import Path

SIZES = {"test": 2000, "train": 8000}  # half of each label; what is left validates
LABELS = {"pos": "positive", "neg": "negative"}


def sentences(archive, polarity):
    """Distinct sentences, in the order of their hashes."""
    lines = archive.read(f"sentence_polarity/rt-polarity.{polarity}").decode("latin-1").splitlines()
    distinct = {" ".join(line.split()) for line in lines if line.strip()}
    return sorted(distinct, key=lambda text: hashlib.sha256(text.encode()).digest())


def main():
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    splits = {"train": [], "valid": [], "test": []}
    with zipfile.ZipFile(folder / "sentence_polarity.zip") as archive:
        texts = {polarity: sentences(archive, polarity) for polarity in LABELS}
    both = set(texts["pos"]) & set(texts["neg"])
    for polarity, label in LABELS.items():
        left = [text for text in texts[polarity] if text not in both]
        for split, size in SIZES.items():
            splits[split] += [(text, label) for text in left[: size // 2]]
            left = left[size // 2 :]
        splits["valid"] += [(text, label) for text in left]
    for split, rows in splits.items():
        rows.sort(key=lambda row: hashlib.sha256(row[0].encode()).digest())
        lines = ["text\tlabel", *("\t".join(row) for row in rows)]
        (out / f"{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(split, len(rows))


main()
