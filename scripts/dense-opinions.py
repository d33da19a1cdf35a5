"""Cuts opinion texts into short pieces with one form of verdict each, so that a small model sees many verdicts.

python3 scripts/dense-opinions.py ENGLISH_OPINIONS.txt CHINESE_OPINIONS.txt [CHINESE …] ENGLISH_OUT.txt CHINESE_OUT.txt
Reads what opinion-texts.py and chinese-opinions.mjs wrote: lines that end with a verdict. English pieces are the lines
themselves, and lists of the words and pairs of words that speak most clearly for a verdict (naive Bayes); Chinese pieces
are single sentences. Thirty pieces a document, in random order. Standard library alone.
"""

import math
import random
import re
import sys
from collections import Counter

GOOD = ["Verdict: good.", "(good)", "(Pros)", "Recommended.", "4 / 5"]
BAD = ["Verdict: bad.", "(bad)", "(Cons)", "Not recommended.", "1 / 5"]
ENGLISH = re.compile(f"^(.*?) ({'|'.join(map(re.escape, GOOD + BAD))})$")
PRAISE = "好评|很好|不错|满意|推荐|五星|五颗星|好的地方|优点|正面|好"
BLAME = "差评|很差|很烂|不满意|不推荐|一星|一颗星|不好的地方|缺点|负面|差"
CHINESE = re.compile(rf"^(.{{6,}}?)[（【]?(?:总体：|我的评价是：|评价：|打分：)?(?:非常)?(?:({BLAME})|({PRAISE}))[）】]?。?$")


def polar_words(pieces):
    """Words and pairs that occur in ten pieces or more, by how clearly they speak: (odds, word)."""
    counts, sizes = {True: Counter(), False: Counter()}, Counter(good for _, good in pieces)
    for text, good in pieces:
        w = re.findall(r"[a-z][a-z'-]+", text.lower())
        counts[good].update({*w, *(f"{a} {b}" for a, b in zip(w, w[1:]))})
    odds = {
        f: math.log((counts[True][f] + 1) / (sizes[True] + 2)) - math.log((counts[False][f] + 1) / (sizes[False] + 2))
        for f in sorted(counts[True].keys() | counts[False].keys())
        if counts[True][f] + counts[False][f] >= 10
    }
    return {True: [f for f, odd in odds.items() if odd > 1], False: [f for f, odd in odds.items() if odd < -1]}


def lists(words_by_verdict, rng, passes):
    for _ in range(passes):
        for good, words in words_by_verdict.items():
            left = rng.sample(words, len(words))
            while left:
                size = rng.randint(1, 5)
                yield ", ".join(left[:size]), good
                left = left[size:]


def balanced(pieces, rng):
    good = [p for p in pieces if p[1]]
    bad = [p for p in pieces if not p[1]]
    size = min(len(good), len(bad))
    pieces = rng.sample(good, size) + rng.sample(bad, size)
    rng.shuffle(pieces)
    return pieces


def write(path, pieces, verdicts, rng):
    """@param verdicts pairs: of something good, of something bad"""
    with open(path, "w", encoding="utf-8") as file:
        for start in range(0, len(pieces), 30):
            for text, good in pieces[start : start + 30]:
                file.write(text + rng.choice(verdicts)[0 if good else 1] + "\n")
            file.write("\n")
    print(path, len(pieces), "pieces")


def main():
    english, *chinese, english_out, chinese_out = sys.argv[1:]
    rng = random.Random(0)
    pieces = []
    for line in open(english, encoding="utf-8"):
        match = ENGLISH.match(line.strip())
        if match and len(match[1]) <= 240:
            pieces.append((match[1], match[2] in GOOD))
    pieces += lists(polar_words(pieces), rng, 3)
    write(english_out, balanced(pieces, rng), [(" Verdict: good.", " Verdict: bad.")], rng)
    pieces = set()
    for path in chinese:
        for line in open(path, encoding="utf-8"):
            match = CHINESE.match(line.strip())
            if not match:
                continue
            good = match[3] is not None
            for sentence in re.findall(r"[^。！？；]{4,}[。！？]?", match[1]):
                pieces.add((sentence.rstrip("。，") + "。", good))
    verdicts = [("评价：好。", "评价：差。")] * 2 + [("情感：正向。", "情感：负向。"), ("评价：正面。", "评价：负面。")]
    write(chinese_out, balanced(sorted(pieces), rng), verdicts, rng)


main()
