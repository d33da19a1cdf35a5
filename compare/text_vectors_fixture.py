#!/usr/bin/env python3
"""Text vectors of the first layers of tiny models, by transformers: the mean of the rows after the shared ones, after the
final norm. Writes test/fixtures/models/text-vectors.json.

  python compare/text_vectors_fixture.py
"""
import json
import torch
from transformers import AutoModel

torch.manual_seed(3)
shared, texts = [5, 9, 11], [[7, 21, 30, 2], [4], [33, 8, 8, 19, 40, 6]]
cases = []
for name in ("llama-tied", "qwen2", "mistral"):
    for layers in (1, 2):
        model = AutoModel.from_pretrained(f"test/fixtures/models/{name}", dtype=torch.float32)
        model.layers = model.layers[:layers]
        model.config.num_hidden_layers = layers
        vectors = []
        for text in texts:
            with torch.no_grad():
                states = model(torch.tensor([shared + text]), use_cache=False).last_hidden_state[0, len(shared):]
            vectors += states.mean(0).tolist()
        cases.append({"model": name, "layers": layers, "vectors": vectors})
# a BERT reads the whole text: nothing is shared, and the mean is over all rows
for layers in (1, 2):
    model = AutoModel.from_pretrained("test/fixtures/models/bert", dtype=torch.float32)
    model.encoder.layer = model.encoder.layer[:layers]
    vectors = []
    for text in texts:
        with torch.no_grad():
            vectors += model(torch.tensor([shared + text])).last_hidden_state[0].mean(0).tolist()
    cases.append({"model": "bert", "layers": layers, "vectors": vectors})
json.dump({"shared": shared, "texts": texts, "cases": cases}, open("test/fixtures/models/text-vectors.json", "w"))
