#!/usr/bin/env python3
"""Reference for SASRec: PyTorch's transformer encoder, full softmax, one batch without dropout; loss, gradients, scores.

  python compare/sasrec_fixture.py > test/fixtures/recommend/sasrec.json
"""
import json

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
ITEMS, WIDTH, HEADS, LAYERS, MAX_LENGTH = 7, 8, 2, 2, 5
histories = [[0, 3, 1, 6, 2, 4], [5, 3], [2, 2, 6, 1]]

items = nn.Embedding(ITEMS, WIDTH)
positions = nn.Embedding(MAX_LENGTH, WIDTH)
layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True)
encoder = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
norm = nn.LayerNorm(WIDTH)
names = {"items.weight": items.weight, "positions.weight": positions.weight, "norm.weight": norm.weight, "norm.bias": norm.bias}
for i, block in enumerate(encoder.layers):
    parts = {
        "norm1": block.norm1, "norm2": block.norm2, "attention.out": block.self_attn.out_proj,
        "up": block.linear1, "down": block.linear2,
    }
    for part, module in parts.items():
        names[f"layer{i}.{part}.weight"] = module.weight
        names[f"layer{i}.{part}.bias"] = module.bias
    names[f"layer{i}.attention.in.weight"] = block.self_attn.in_proj_weight
    names[f"layer{i}.attention.in.bias"] = block.self_attn.in_proj_bias
for weight in names.values():
    nn.init.normal_(weight, std=0.5)


def hidden(sequence):
    T = len(sequence)
    x = (items(torch.tensor(sequence)) + positions(torch.arange(T)))[None]
    return norm(encoder(x, mask=torch.triu(torch.ones(T, T, dtype=torch.bool), 1)))[0]


logits = torch.cat([hidden(history[:-1]) @ items.weight.T for history in histories])
loss = F.cross_entropy(logits, torch.tensor([item for history in histories for item in history[1:]]))
loss.backward()
scores = torch.stack([(hidden(history[-MAX_LENGTH:]) @ items.weight.T)[-1] for history in histories])
numbers = lambda tensor: [round(x, 7) for x in tensor.detach().flatten().tolist()]
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "shape": {"items": ITEMS, "width": WIDTH, "heads": HEADS, "layers": LAYERS, "maxLength": MAX_LENGTH},
            "histories": histories,
            "weights": {name: [float(x) for x in weight.detach().flatten().tolist()] for name, weight in names.items()},
            "loss": loss.item(),
            "gradients": {name: numbers(weight.grad) for name, weight in names.items()},
            "scores": numbers(scores),
        }
    )
)
