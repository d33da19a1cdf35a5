"""Writes the opinion texts of models/bilingual-6m: reviews of NLTK's corpora without any sentence of sentence polarity.

python3 scripts/opinion-texts.py FOLDER_OF_NLTK_ZIPS OUT.txt
A paragraph a line, a blank line between documents. Standard library alone.
"""

import re
import sys
import zipfile
from pathlib import Path

SHINGLE = 8  # words in a row that a sentence must not share with sentence polarity


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def shingles(sentence):
    w = words(sentence)
    return {tuple(w[i : i + SHINGLE]) for i in range(len(w) - SHINGLE + 1)}


def members(folder, name):
    with zipfile.ZipFile(folder / f"{name}.zip") as archive:
        for member in sorted(archive.namelist()):
            if member.endswith(".txt") and "README" not in member:
                yield member, archive.read(member).decode("latin-1").splitlines()


def movie_reviews(folder):
    """A review a document, its sentences joined by fours."""
    for _, lines in members(folder, "movie_reviews"):
        yield [line.strip() for line in lines if line.strip()], 4


def product_reviews(folder):
    """`aspect[+2]##sentence` lines; a review begins with [t]."""
    for archive in ("product_reviews_1", "product_reviews_2"):
        for _, lines in members(folder, archive):
            document = []
            for line in lines:
                if line.startswith("*"):
                    continue
                if line.startswith("[t]") and document:
                    yield document, 4
                    document = []
                sentence = (line[3:] if line.startswith("[t]") else line.split("##", 1)[-1]).strip()
                if sentence:
                    document.append(sentence)
            if document:
                yield document, 4


def pros_and_cons(folder):
    """`<Pros>text</Pros>`: the tag in words, before every other text and after the rest; twenty lines a document."""
    lists = [lines for _, lines in members(folder, "pros_cons")]
    entries = [re.search(r"<(Pros|Cons)>(.*)</", line) for pair in zip(*lists) for line in pair]
    texts = [(e.group(1), e.group(2).strip()) for e in entries if e and e.group(2).strip()]
    lines = [f"{tag}: {text}" if i % 4 < 2 else f"{text} ({tag})" for i, (tag, text) in enumerate(texts)]
    for start in range(0, len(lines), 20):
        yield lines[start : start + 20], 1


def main():
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    polarity, forbidden = set(), set()
    with zipfile.ZipFile(folder / "sentence_polarity.zip") as archive:
        for member in archive.namelist():
            if "rt-polarity." in member:
                for line in archive.read(member).decode("latin-1").splitlines():
                    polarity.add(" ".join(words(line)))
                    forbidden |= shingles(line)
    kept = dropped = 0
    with out.open("w", encoding="utf-8") as file:
        for source in (movie_reviews, product_reviews, pros_and_cons):
            for sentences, together in source(folder):
                clean = [
                    s for s in sentences if not shingles(s) & forbidden and " ".join(words(s)) not in polarity
                ]
                kept, dropped = kept + len(clean), dropped + len(sentences) - len(clean)
                for start in range(0, len(clean), together):
                    file.write(" ".join(clean[start : start + together]) + "\n")
                file.write("\n")
    print(f"{kept} sentences kept, {dropped} dropped")


main()
