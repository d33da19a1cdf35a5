"""Writes the English opinion texts of models/bilingual-6m: the reviews of NLTK's corpora, without any sentence of
sentence polarity, each with the verdict that the corpus gives it, as review sites print it: "… (Pros)", "… Verdict: good".

python3 scripts/opinion-texts.py FOLDER_OF_NLTK_ZIPS OUT.txt [FILMS.txt]
A paragraph a line, a blank line between documents. FILMS.txt gets film reviews alone, cut shorter and with one form of
verdict. Standard library alone.
"""

import math
import random
import re
import sys
import zipfile
from collections import Counter
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


VERDICTS = {
    True: ["Verdict: good.", "Verdict: good.", "(good)", "(Pros)", "Recommended.", "4 / 5"],
    False: ["Verdict: bad.", "Verdict: bad.", "(bad)", "(Cons)", "Not recommended.", "1 / 5"],
}
PASSES = 2  # each time cut into other pieces, with other verdicts


def with_verdict(rng, text, good):
    """Behind the text, sometimes before it."""
    verdict = rng.choice(VERDICTS[good])
    return f"{verdict} {text}" if rng.random() < 0.1 else f"{text} {verdict}"


def features(text):
    w = words(text)
    return {*w, *zip(w, w[1:])}


def polarity_of_words(reviews):
    """Log odds that a word or pair of words stands in a positive review (naive Bayes, Laplace smoothing)."""
    counts, sizes = {True: Counter(), False: Counter()}, Counter()
    for lines, good in reviews:
        sizes[good] += 1
        counts[good].update(features(" ".join(lines)))
    return {
        f: math.log((counts[True][f] + 1) / (sizes[True] + 2)) - math.log((counts[False][f] + 1) / (sizes[False] + 2))
        for f in counts[True].keys() | counts[False].keys()
    }


def movie_reviews(folder, rng, sizes=(1, 1, 1, 2, 3), keep=0.25):
    """A review a document: pieces of one to three sentences. A piece has the verdict on the film where its words, by the
    other half of the reviews, speak for it clearly; of the rest some are kept."""
    reviews = [(lines, "/pos/" in member) for member, lines in members(folder, "movie_reviews")]
    odds = [polarity_of_words(reviews[1 - half :: 2]) for half in (0, 1)]
    for i, (lines, good) in enumerate(reviews):
        left = [line.strip() for line in lines if line.strip()]
        pieces = []
        while left:
            size = rng.choice(sizes)
            score = sum(odds[i % 2].get(f, 0) for f in features(" ".join(left[:size])))
            clear = abs(score) > 1.5 and (score > 0) == good
            if clear or rng.random() < keep:
                pieces.append((left[:size], good if clear else None))
            left = left[size:]
        yield pieces


def product_reviews(folder, rng):
    """`aspect[+2],aspect[-1]##sentence` lines: the sum of the signs is the verdict; a review begins with [t]."""
    for archive in ("product_reviews_1", "product_reviews_2"):
        for _, lines in members(folder, archive):
            document = []
            for line in lines:
                if line.startswith("*"):
                    continue
                if line.startswith("[t]") and document:
                    yield document
                    document = []
                aspects, _, rest = line.partition("##")
                sentence = (line[3:] if line.startswith("[t]") else rest or aspects).strip()
                signs = [int(sign) for sign in re.findall(r"\[([+-]\d)\]", aspects)]
                if sentence:
                    document.append(([sentence], sum(signs) > 0 if sum(signs) != 0 else None))
            if document:
                yield document


def pros_and_cons(folder, rng):
    """`<Pros>text</Pros>`: the tag is the verdict; twenty texts a document, in another order than in the file."""
    entries = [re.search(r"<(Pros|Cons)>(.*)</", line) for _, lines in members(folder, "pros_cons") for line in lines]
    lines = [([e.group(2).strip()], e.group(1) == "Pros") for e in entries if e and e.group(2).strip()]
    rng.shuffle(lines)
    for start in range(0, len(lines), 20):
        yield lines[start : start + 20]


def opinion_words(folder, rng):
    """The opinion lexicon (Hu & Liu 2004), four times in another order: lists of words of one polarity with their verdict."""
    lists = {}
    with zipfile.ZipFile(folder / "opinion_lexicon.zip") as archive:
        for good, name in ((True, "positive"), (False, "negative")):
            lines = archive.read(f"opinion_lexicon/{name}-words.txt").decode("latin-1").splitlines()
            lists[good] = [line.strip() for line in lines if line.strip() and not line.startswith(";")]
    for _ in range(4):
        lines = []
        for good, listed in lists.items():
            mixed = rng.sample(listed, len(listed))
            while mixed:
                size = rng.randint(1, 6)
                lines.append(([", ".join(mixed[:size])], good))
                mixed = mixed[size:]
        rng.shuffle(lines)
        for start in range(0, len(lines), 20):
            yield lines[start : start + 20]


def short_film_reviews(folder, rng):
    """Pieces of one or two sentences with a clear verdict, in random order; three passes, each cut anew."""
    pieces = [p for _ in range(3) for review in movie_reviews(folder, rng, sizes=(1, 1, 2), keep=0) for p in review]
    rng.shuffle(pieces)
    for start in range(0, len(pieces), 20):
        yield pieces[start : start + 20]


def forbidden_texts(folder):
    """The sentences of sentence polarity, and their runs of words."""
    polarity, forbidden = set(), set()
    with zipfile.ZipFile(folder / "sentence_polarity.zip") as archive:
        for member in archive.namelist():
            if "rt-polarity." in member:
                for line in archive.read(member).decode("latin-1").splitlines():
                    polarity.add(" ".join(words(line)))
                    forbidden |= shingles(line)
    return polarity, forbidden


def write(path, documents, forbidden, verdict):
    polarity, runs = forbidden
    kept = dropped = 0
    with path.open("w", encoding="utf-8") as file:
        for pieces in documents:
            for sentences, good in pieces:
                clean = [s for s in sentences if not shingles(s) & runs and " ".join(words(s)) not in polarity]
                kept, dropped = kept + len(clean), dropped + len(sentences) - len(clean)
                if clean:
                    text = " ".join(clean)
                    file.write((text if good is None else verdict(text, good)) + "\n")
            file.write("\n")
    print(f"{path}: {kept} sentences kept, {dropped} dropped")


def main():
    folder, out, *films = map(Path, sys.argv[1:])
    rng = random.Random(0)
    forbidden = forbidden_texts(folder)
    sources = (movie_reviews, product_reviews, pros_and_cons, opinion_words) * PASSES
    documents = (pieces for source in sources for pieces in source(folder, rng))
    write(out, documents, forbidden, lambda text, good: with_verdict(rng, text, good))
    for path in films:
        write(path, short_film_reviews(folder, rng), forbidden, lambda text, good: f"{text} {VERDICTS[good][0]}")


main()
