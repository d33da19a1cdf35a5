#!/usr/bin/env python3
"""Gradients of methods that PEFT does not have, by PyTorch's own differentiation of transformers' models in float32.

Writes test/fixtures/peft/own-METHOD-MODEL.json: {"method", "sequences", "loss", "projections": {array: [norm, p0, p1, p2]}}.
The numbers learned are those that the method starts from, plus 0.05·sin(i + 1) at place i of all arrays in the order of their
names; p_j is the product of an array's gradient with the vector cos((j + 1)·(i + 1)).
"""
import json
import math

import torch

from peft_gradient import FIXTURES, MODELS, causal_loss, load, masked_loss, random_request

ADAPTED = {
    "llama": ("self_attn.o_proj", "mlp.down_proj"),
    "gpt2": ("attn.c_proj", "mlp.c_proj"),
    "bert": ("attention.output.dense", "output.dense"),
}
LINEAR = {
    "llama": ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
    "gpt2": (),
    "bert": (),
}
BOTTLENECK = 3


def ours(model, method):
    """Learned tensors by our names, and hooks that put them into the model."""
    family = model.config.model_type
    own = {n: p for n, p in model.named_parameters() if "pooler" not in n and "seq_relationship" not in n}
    if method == "full":
        return own
    if method == "bitfit":
        learned = {n: p for n, p in own.items() if n.endswith(".bias")}
        for name, module in model.named_modules():
            if name.endswith(LINEAR[family]) and LINEAR[family]:
                bias = learned[f"{name}.bias"] = torch.zeros(module.out_features, requires_grad=True)
                module.register_forward_hook(lambda _m, _x, y, bias=bias: y + bias)
        return learned
    learned = {}
    for name, module in model.named_modules():
        if not name.endswith(ADAPTED[family]):
            continue
        width = model.config.hidden_size
        shapes = {"down": (BOTTLENECK, width), "down_bias": (BOTTLENECK,), "up": (width, BOTTLENECK), "up_bias": (width,)}
        parts = {part: torch.zeros(shape, requires_grad=True) for part, shape in shapes.items()}
        learned.update({f"{name}.adapter_{part}": tensor for part, tensor in parts.items()})

        def adapt(_m, _x, y, p=parts):
            inner = torch.nn.functional.gelu(y @ p["down"].T + p["down_bias"])
            return y + inner @ p["up"].T + p["up_bias"]

        module.register_forward_hook(adapt)
    return learned


def make(method: str, name: str, folder) -> None:
    model = load(folder)
    sequences = random_request(model, 1, "prompt", seed=5, config={})["sequences"]
    learned = dict(sorted(ours(model, method).items()))
    at = 0
    with torch.no_grad():
        for tensor in learned.values():
            places = torch.arange(at + 1, at + 1 + tensor.numel(), dtype=torch.float64)
            tensor.add_((0.05 * torch.sin(places)).float().view_as(tensor))
            at += tensor.numel()
    if model.config.model_type == "bert":
        loss = sum(masked_loss(model(input_ids=torch.tensor([s["text"]])).logits[0], s) for s in sequences) / len(sequences)
    else:
        loss = causal_loss(model, sequences)
    loss.backward()
    projections = {}
    for array, tensor in learned.items():
        gradient = tensor.grad.flatten().double()
        places = torch.arange(1, gradient.numel() + 1, dtype=torch.float64)
        projections[array] = [gradient.norm().item()] + [
            (gradient * torch.cos((j + 1) * places)).sum().item() for j in range(3)
        ]
    fixture = {"method": method, "sequences": sequences, "loss": loss.item(), "projections": projections}
    assert all(math.isfinite(x) for row in projections.values() for x in row)
    (FIXTURES / f"own-{method}-{name}.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    for method in ("full", "bitfit", "adapter"):
        make(method, "tiny", FIXTURES / "model")
        make(method, "gpt2", MODELS / "gpt2")
        make(method, "bert", MODELS / "bert")
