#!/usr/bin/env python3
"""Prompt tuning by PEFT on models of a family's usual size with random weights, for bench/family-speed.ts.

  family_speed.py make bert|gpt2|t5 FOLDER          MiniLM-L6's, GPT-2 small's, T5-small's shape
  family_speed.py train bert|gpt2|t5 FOLDER BATCHES.json --dtype f32|bf16 [--best] [--threads 2]

BATCHES.json: {"tokens": 20, "batches": [[{"ids": [...], "target": id}, ...], ...]}; in a masked text one id is the mask's, 103.
--best is what a careful user does: logits of the one row that predicts. Prints {"examplesPerSecond", "peakRssMib"}; the first three
updates are not counted.
"""
import argparse
import json
import resource
import time

import torch
import torch.nn.functional as F
from peft import PromptTuningConfig, TaskType, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    BertConfig,
    GPT2Config,
    T5Config,
)

MASK = 103
SHAPES = {
    "bert": BertConfig(vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536),
    "gpt2": GPT2Config(),
    "t5": T5Config(vocab_size=32128, d_model=512, d_kv=64, d_ff=2048, num_layers=6, num_heads=8),
}
AUTO = {"bert": AutoModelForMaskedLM, "gpt2": AutoModelForCausalLM, "t5": AutoModelForSeq2SeqLM}
WARM = 3


def padded(rows, left):
    longest = max(map(len, rows))
    ids, mask = [], []
    for row in rows:
        pad, ones = [0] * (longest - len(row)), [1] * len(row)
        ids.append(pad + row if left else row + pad)
        mask.append(pad + ones if left else ones + pad)
    return torch.tensor(ids), torch.tensor(mask)


def step_of(family, lm, tokens, best):
    """What computes the logits of the words to be predicted [B, V] of a batch, and the prompt."""
    kind = {"bert": TaskType.FEATURE_EXTRACTION, "gpt2": TaskType.CAUSAL_LM, "t5": TaskType.SEQ_2_SEQ_LM}[family]
    base = lm.bert if family == "bert" and best else lm
    model = get_peft_model(base, PromptTuningConfig(task_type=kind, num_virtual_tokens=tokens, num_transformer_submodules=1))
    prompt = [q for q in model.parameters() if q.requires_grad][0]

    def logits(rows):
        ids, mask = padded([row["ids"] for row in rows], family == "gpt2")
        if family == "gpt2":
            return model(input_ids=ids, attention_mask=mask, **({"logits_to_keep": 1} if best else {})).logits[:, -1]
        if family == "t5":
            start = torch.zeros((len(rows), 1), dtype=torch.long)
            return model(input_ids=ids, attention_mask=mask, decoder_input_ids=start).logits[:, 0]
        place = tokens + (ids == MASK).long().argmax(1)
        out = model(input_ids=ids, attention_mask=mask)
        row = torch.arange(len(rows))
        return lm.cls(out.last_hidden_state[row, place]) if best else out.logits[row, place]

    return logits, prompt


def train(options):
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    dtype = torch.bfloat16 if options.dtype == "bf16" else torch.float32
    lm = AUTO[options.family].from_pretrained(options.folder, dtype=dtype)
    given = json.load(open(options.batches))
    logits, prompt = step_of(options.family, lm, given["tokens"], options.best)
    optimizer = torch.optim.AdamW([prompt], lr=1e-3, weight_decay=0.0)
    seen, started = 0, 0.0
    for step, rows in enumerate(given["batches"]):
        if step == WARM:
            started = time.perf_counter()
        loss = F.cross_entropy(logits(rows).float(), torch.tensor([row["target"] for row in rows]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(rows) if step >= WARM else 0
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"examplesPerSecond": seen / seconds, "peakRssMib": peak, "loss": loss.item()}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["make", "train"])
    parser.add_argument("family", choices=list(SHAPES))
    parser.add_argument("folder")
    parser.add_argument("batches", nargs="?")
    parser.add_argument("--dtype", default="f32")
    parser.add_argument("--best", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.what == "train":
        return train(options)
    torch.manual_seed(0)
    AUTO[options.family].from_config(SHAPES[options.family]).save_pretrained(options.folder)


if __name__ == "__main__":
    main()
