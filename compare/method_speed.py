#!/usr/bin/env python3
"""Training by PEFT, or of all weights by PyTorch alone, on SmolLM2-135M, for bench/method-speed.ts.

  method_speed.py METHOD MODEL_FOLDER GGUF_NAME BATCHES.json --dtype f32|bf16 [--best] [--threads 2]

METHOD is prefix, p-tuning, lora or full. BATCHES.json: {"tokens": 20, "batches": [[{"ids": [...], "target": id}, ...], ...]}. --best is what
a careful user does: logits of the one row that predicts. Prints {"examplesPerSecond", "peakRssMib"}; the first two updates are not counted.
"""
import argparse
import json
import resource
import time

import torch
import torch.nn.functional as F
from peft import LoraConfig, PrefixTuningConfig, PromptEncoderConfig, TaskType, get_peft_model
from transformers import AutoModelForCausalLM

WARM = 2


def prepared(lm, method, tokens):
    """The model and what of it is learned."""
    kind = TaskType.CAUSAL_LM
    if method == "full":
        lm.requires_grad_(True)
        return lm
    config = {
        "prefix": lambda: PrefixTuningConfig(task_type=kind, num_virtual_tokens=tokens),
        "p-tuning": lambda: PromptEncoderConfig(task_type=kind, num_virtual_tokens=tokens, encoder_hidden_size=lm.config.hidden_size),
        "lora": lambda: LoraConfig(task_type=kind, r=8, lora_alpha=8, lora_dropout=0.0, target_modules=["q_proj", "v_proj"]),
    }[method]()
    return get_peft_model(lm, config)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=["prefix", "p-tuning", "lora", "full"])
    parser.add_argument("folder")
    parser.add_argument("gguf")
    parser.add_argument("batches")
    parser.add_argument("--dtype", default="f32")
    parser.add_argument("--best", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    dtype = torch.bfloat16 if options.dtype == "bf16" else torch.float32
    lm = AutoModelForCausalLM.from_pretrained(options.folder, gguf_file=options.gguf, dtype=dtype)
    given = json.load(open(options.batches))
    model = prepared(lm, options.method, given["tokens"])
    model.train()
    learned = [q for q in model.parameters() if q.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=1e-5, weight_decay=0.0)
    kept = {"logits_to_keep": 1} if options.best else {}
    seen, started = 0, 0.0
    for step, rows in enumerate(given["batches"]):
        if step == WARM:
            started = time.perf_counter()
        longest = max(len(row["ids"]) for row in rows)
        ids = torch.tensor([[0] * (longest - len(row["ids"])) + row["ids"] for row in rows])
        mask = torch.tensor([[0] * (longest - len(row["ids"])) + [1] * len(row["ids"]) for row in rows])
        logits = model(input_ids=ids, attention_mask=mask, **kept).logits[:, -1]
        loss = F.cross_entropy(logits.float(), torch.tensor([row["target"] for row in rows]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(rows) if step >= WARM else 0
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"examplesPerSecond": seen / seconds, "peakRssMib": peak, "learned": sum(q.numel() for q in learned), "loss": loss.item()}))


if __name__ == "__main__":
    main()
