#!/usr/bin/env python3
"""Makes test/fixtures/pytorch: weights of test/fixtures/models as torch.save writes them, and files that want to run something.

zip.bin, old.bin              llama-tied's state dictionary in both forms of torch.save; norms as parameters, the rest as tensors
shards/                       llama-bf16 in two files with their index, bfloat16
slice.bin, turned.bin         a tensor that is a slice of a longer storage, and one that is transposed
system.bin, eval-old.bin      pickles that call os.system and builtins.eval, in the zip and the old form
module.bin                    torch.save of a module, not of its state dictionary
"""
import collections
import json
import os
from pathlib import Path

import torch
from safetensors.torch import load_file

ROOT = Path(__file__).parent.parent / "test" / "fixtures"
OUT = ROOT / "pytorch"
OUT.mkdir(exist_ok=True)


class Runs:
    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


tied = collections.OrderedDict(
    (name, torch.nn.Parameter(tensor) if "norm" in name else tensor)
    for name, tensor in load_file(ROOT / "models" / "llama-tied" / "model.safetensors").items()
)
torch.save(tied, OUT / "zip.bin")
torch.save(tied, OUT / "old.bin", _use_new_zipfile_serialization=False)

shards = OUT / "shards"
shards.mkdir(exist_ok=True)
tensors = sorted(load_file(ROOT / "models" / "llama-bf16" / "model.safetensors").items())
placement = {}
for i, part in enumerate([tensors[::2], tensors[1::2]]):
    name = f"pytorch_model-{i + 1:05d}-of-00002.bin"
    torch.save(dict(part), shards / name)
    placement |= {key: name for key, _ in part}
index = {"metadata": {}, "weight_map": placement}
(shards / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")

storage = torch.arange(24, dtype=torch.float32).reshape(6, 4)
torch.save({"slice": storage[2:5]}, OUT / "slice.bin")
torch.save({"turned": storage.T}, OUT / "turned.bin")
torch.save({"a": torch.ones(2), "b": Runs(os.system, "echo this must never run")}, OUT / "system.bin")
torch.save(Runs(eval, "1 + 1"), OUT / "eval-old.bin", _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 2), OUT / "module.bin")
