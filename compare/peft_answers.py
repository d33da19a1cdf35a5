#!/usr/bin/env python3
"""Prompt tuning with Hugging Face PEFT for answers that are texts, on ids that bench/learned-answers-peft.ts wrote.

  peft_answers.py MODEL_FOLDER TRAINING.json OUT.json [--threads 1]

TRAINING.json: {"initial": [P][d], "rate", "warmUp", "batches": [[{"context": [...], "target": [...]}, ...], ...]}; the loss is the mean over
the tokens of a batch's targets. Writes {"prompt": [P][d], "seconds", "loss"}.
"""
import argparse
import json
import time

import torch
from peft import PromptTuningConfig, TaskType, get_peft_model
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("training")
parser.add_argument("out")
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)
given = json.load(open(options.training))
initial = torch.tensor(given["initial"])
lm = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)
model = get_peft_model(lm, PromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=len(initial)))
prompt = [q for q in model.parameters() if q.requires_grad][0]
prompt.data.copy_(initial)
optimizer = torch.optim.AdamW([prompt], lr=given["rate"], weight_decay=0.0)
steps = len(given["batches"])
warm = max(1, steps * given["warmUp"])
started = time.time()
for step, rows in enumerate(given["batches"]):
    for group in optimizer.param_groups:
        group["lr"] = given["rate"] * min(1, (step + 1) / warm) * (1 - step / steps)
    longest = max(len(row["context"]) + len(row["target"]) for row in rows)
    ids, labels, mask = [], [], []
    for row in rows:
        own = row["context"] + row["target"]
        pad = [0] * (longest - len(own))
        ids.append(own + pad)
        mask.append([1] * len(own) + pad)
        labels.append([-100] * len(row["context"]) + row["target"] + [-100] * len(pad))
    loss = model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask), labels=torch.tensor(labels)).loss
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([prompt], 1.0)
    optimizer.step()
    if step % 20 == 19:
        print(step + 1, loss.item(), flush=True)
json.dump({"prompt": prompt.detach().tolist(), "seconds": time.time() - started, "loss": loss.item()}, open(options.out, "w"))
print(json.dumps({"written": options.out}))
