"""Makes pretraining text of the opinion sentences that were written for softprompt (scripts/opinions/*.tsv: sentence, + or −).

python3 scripts/written-opinions.py LANGUAGE OUT.txt [AVOID …]
Each sentence with a verdict behind it, thirty a document; four passes in another order, so that one pass does not end where
the next begins. Sentences that share a run of 8 Chinese characters or 6 English words with a text of AVOID (JSON lines or TSV)
are left out. Standard library alone.
"""

import random
import re
import sys
from pathlib import Path

# how often each, and what stands behind something good and something bad
VERDICTS = {
    "en": [(" Verdict: good.", " Verdict: bad.")] * 3 + [("。该文本表达了正向情感。", "。该文本表达了负向情感。")],
    "zh": [("该文本表达了正向情感。", "该文本表达了负向情感。")] * 2
    + [("评价：好。", "评价：差。"), ("情感：正向。", "情感：负向。")],
}
PASSES = 4


def runs(text, language):
    units = re.findall(r"[\u4e00-\u9fff]", text) if language == "zh" else re.findall(r"[a-z0-9']+", text.lower())
    size = 8 if language == "zh" else 6
    return {tuple(units[i : i + size]) for i in range(len(units) - size + 1)}


def main():
    language, out, *avoid = sys.argv[1:]
    rng = random.Random(0)
    forbidden = set()
    for path in avoid:
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            forbidden |= runs(line, language)
    rows = []
    for line in Path(__file__).with_name("opinions").joinpath(f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        text, sign = line.split("\t")
        rows.append((text.strip(), sign == "+"))
    kept = [row for row in rows if not runs(row[0], language) & forbidden]
    with open(out, "w", encoding="utf-8") as file:
        for _ in range(PASSES):
            rng.shuffle(kept)
            for start in range(0, len(kept), 30):
                for text, good in kept[start : start + 30]:
                    # as people write templates: `{text}。` whether or not the text ends itself
                    end = "。" if language == "zh" and (text[-1] not in "。！？…" or rng.random() < 0.3) else ""
                    file.write(text + end + rng.choice(VERDICTS[language])[0 if good else 1] + "\n")
                file.write("\n")
    print(f"{out}: {len(kept)} sentences, {len(rows) - len(kept)} left out")


main()
