#!/usr/bin/env python3
"""Reference for the optimiser and its schedules: torch.optim.AdamW and transformers' warm-up schedules.

  python compare/adamw_fixture.py > test/fixtures/tuning/adamw.json
"""
import json

import torch
from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

torch.manual_seed(0)
start = torch.randn(6)
gradients = torch.randn(12, 6)
parameter = torch.nn.Parameter(start.clone())
optimizer = torch.optim.AdamW([parameter], lr=0.05, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.1)
path = []
for gradient in gradients:
    parameter.grad = gradient.clone()
    optimizer.step()
    path.append(parameter.detach().tolist())
rates = {}
for name, make in (("linear", get_linear_schedule_with_warmup), ("cosine", get_cosine_schedule_with_warmup)):
    dummy = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(dummy, num_warmup_steps=10, num_training_steps=100)
    rates[name] = []
    for _ in range(100):
        rates[name].append(dummy.param_groups[0]["lr"])
        dummy.step()
        schedule.step()
print(json.dumps({"torch": torch.__version__, "start": start.tolist(), "gradients": gradients.tolist(), "parameters": path, "rates": rates}))
