#!/usr/bin/env python3
"""Reference figures for src/evaluation/generation, by rouge-score, sacreBLEU, and SQuAD's evaluation script.

  generation_metrics_fixture.py FILE
"""
import collections
import json
import re
import string
import sys
from pathlib import Path

import sacrebleu
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF

# prediction, references
ENGLISH = [
    ("The cat sat on the mat.", ["The cat sat on the mat.", "A cat was sitting on a mat."]),
    ("a dog , it said ; barked loudly", ["The dog barked loudly, it said."]),
    ("FearNet is a memory-efficient model", ["FearNet is a generative model that does not store previous examples"]),
    ("", ["nothing was said"]),
    ("about 3.5 million (in 1999)", ["3.5 million in 1999-2000", "3,5 million"]),
    ("the the the the", ["the cat the dog"]),
    ("Denver Broncos", ["Denver Broncos", "The Denver Broncos!"]),
    ("naïve café — “quoted” text", ["naive cafe - \"quoted\" text", "naïve café “quoted” text"]),
    ("&quot;Tom &amp; Jerry&quot; x<y", ['"Tom & Jerry" x<y']),
    ("it's the U.S.A.'s 1st", ["its USA 1st"]),
]
CHINESE = [
    ("我喜欢吃苹果。", ["我喜欢吃苹果。", "我爱吃苹果"]),
    ("他在北京大学学习Python 3.8编程", ["他在北京大学学习编程语言Python3.8"]),
    ("“你好”——他说…", ["“您好”，他说。"]),
    ("基于深度学习的图像识别方法研究", ["深度学习图像识别方法综述"]),
    ("", ["空"]),
    ("今天天气ＡＢＣ很好", ["今天的天气很好！"]),
]


# --- evaluate-v2.0.py of SQuAD
def normalize_answer(s):
    def remove_articles(text):
        return re.sub(re.compile(r"\b(a|an|the)\b", re.UNICODE), " ", text)

    def remove_punc(text):
        return "".join(ch for ch in text if ch not in set(string.punctuation))

    return " ".join(remove_articles(remove_punc(s.lower())).split())


def compute_f1(gold, pred):
    gold_toks, pred_toks = gold.split(), pred.split()
    num_same = sum((collections.Counter(gold_toks) & collections.Counter(pred_toks)).values())
    if len(gold_toks) == 0 or len(pred_toks) == 0:
        return int(gold_toks == pred_toks)
    if num_same == 0:
        return 0
    precision, recall = num_same / len(pred_toks), num_same / len(gold_toks)
    return 2 * precision * recall / (precision + recall)


HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff]")


class Characters:
    """Each Chinese character a token, runs of a-z and 0-9 another."""

    def tokenize(self, text):
        return re.findall(r"[a-z0-9]+|[\u3007\u3400-\u4dbf\u4e00-\u9fff]", text.lower())


def normal_chinese(text):
    """MLQA's normalisation for Chinese, in short: no punctuation, each Chinese character by itself."""
    import unicodedata

    kept = "".join(c for c in text.lower() if unicodedata.category(c)[0] not in "PS")
    return " ".join(HAN.sub(lambda m: f" {m.group()} ", kept).split())


def distinct(texts, n, chinese):
    seen = []
    for text in texts:
        tokens = (HAN.sub(lambda m: f" {m.group()} ", text) if chinese else text).split()
        seen += [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return len(set(seen)) / len(seen)


def case(name, pairs, chinese):
    predictions = [prediction for prediction, _ in pairs]
    references = [right for _, right in pairs]
    most = max(map(len, references))
    padded = [[right[i] if i < len(right) else None for right in references] for i in range(most)]
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=Characters() if chinese else None)
    normal = normal_chinese if chinese else normalize_answer
    bleu = BLEU(tokenize="zh" if chinese else "13a")
    chrf = CHRF()
    rouge = [scorer.score_multi(right, prediction) for prediction, right in pairs]
    result = {
        "name": name,
        "unit": "characters" if chinese else "words",
        "predictions": predictions,
        "references": references,
        "exactMatch": [max(int(normal(r) == normal(p)) for r in right) for p, right in pairs],
        "f1": [max(compute_f1(normal(r), normal(p)) for r in right) for p, right in pairs],
        "rouge": [{key: score.fmeasure for key, score in scores.items()} for scores in rouge],
        "bleu": bleu.corpus_score(predictions, padded).score,
        "bleuSignature": str(bleu.get_signature()),
        "chrf": chrf.corpus_score(predictions, padded).score,
        "chrfSignature": str(chrf.get_signature()),
        # each text as a corpus of one
        "bleuEach": [bleu.corpus_score([p], [[r] for r in right]).score for p, right in pairs],
        "chrfEach": [chrf.corpus_score([p], [[r] for r in right]).score for p, right in pairs],
        "distinct": [distinct(predictions, n, chinese) for n in (1, 2)],
    }
    return result


def main(path: Path) -> None:
    cases = [case("English", ENGLISH, False), case("Chinese", CHINESE, True)]
    fixture = {"sacrebleu": sacrebleu.__version__, "rouge_score": "0.1.2", "cases": cases}
    path.write_text(json.dumps(fixture, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
