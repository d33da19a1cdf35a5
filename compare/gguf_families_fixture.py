#!/usr/bin/env python3
"""Makes test/fixtures/gguf/families/NAME.gguf of models of test/fixtures/models, as llama.cpp's convert_hf_to_gguf.py writes them.

Tensors are named by gguf-py's own map; what the converter does to them beside is done here: rows of q and k are interleaved
(Granite), norms are written whole (Gemma), weights are turned (GPT-2), queries, keys and values are put apart (GPT-NeoX).
The logits that each must give are those of the model it was made of: NAME/expected.json.
"""
import json
import math
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import load_file

MODELS = Path(__file__).parent.parent / "test" / "fixtures" / "models"
OUT = Path(__file__).parent.parent / "test" / "fixtures" / "gguf" / "families"
OUT.mkdir(exist_ok=True)
ARCHITECTURES = {"gemma3_text": "gemma3", "gpt_neox": "gptneox"}


def interleaved(weight: np.ndarray, heads: int) -> np.ndarray:
    """LlamaModel.permute"""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def apart(values: np.ndarray, heads: int) -> np.ndarray:
    """GPTNeoXModel.modify_tensors"""
    by_head = values.reshape(heads, 3, -1, *values.shape[1:])
    return by_head.swapaxes(0, 1).reshape(values.shape)


def write(name: str) -> None:
    config = json.loads((MODELS / name / "config.json").read_text())
    family = config["model_type"]
    arch = ARCHITECTURES.get(family, family)
    kind = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == arch)
    layers = config.get("num_hidden_layers") or config["n_layer"]
    heads = config.get("num_attention_heads") or config["n_head"]
    width = config.get("hidden_size") or config["n_embd"]
    names = gguf.get_tensor_name_map(kind, layers)
    writer = gguf.GGUFWriter(OUT / f"{name}.gguf", arch)
    writer.add_block_count(layers)
    writer.add_context_length(config.get("max_position_embeddings") or config["n_positions"])
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(config.get("intermediate_size") or 4 * width)
    writer.add_head_count(heads)
    head = config.get("head_dim") or width // heads
    rope = config.get("rope_parameters") or {}
    if family in ("gpt2", "gpt_neox"):
        writer.add_layer_norm_eps(config.get("layer_norm_eps") or config["layer_norm_epsilon"])
    else:
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        writer.add_key_length(head)
        writer.add_value_length(head)
    if family == "gpt_neox":
        writer.add_parallel_residual(config["use_parallel_residual"])
    if "partial_rotary_factor" in rope:
        writer.add_rope_dimension_count(int(head * rope["partial_rotary_factor"]))
    if family == "gemma3_text":
        writer.add_rope_freq_base(rope["full_attention"]["rope_theta"])
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["full_attention"]["factor"])
    elif "rope_theta" in rope:
        writer.add_rope_freq_base(rope["rope_theta"])
    if rope.get("rope_type") == "longrope":
        original = config["original_max_position_embeddings"]
        factor = config["max_position_embeddings"] / original
        writer.add_rope_scaling_orig_ctx_len(original)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(factor) / math.log(original)))
        for which in "long", "short":
            writer.add_tensor(f"rope_factors_{which}.weight", np.array(rope[f"{which}_factor"], dtype=np.float32))
    if config.get("sliding_window"):
        writer.add_sliding_window(config["sliding_window"])
    if family == "gemma3_text":
        writer.add_sliding_window_pattern([kind == "sliding_attention" for kind in config["layer_types"]])
    for key, add in {
        "attn_logit_softcapping": writer.add_attn_logit_softcapping,
        "final_logit_softcapping": writer.add_final_logit_softcapping,
        "attention_multiplier": writer.add_attention_scale,
        "embedding_multiplier": writer.add_embedding_scale,
        "residual_multiplier": writer.add_residual_scale,
        "logits_scaling": writer.add_logit_scale,
    }.items():
        if config.get(key):
            add(config[key])

    for there, tensor in load_file(MODELS / name / "model.safetensors").items():
        values = tensor.to(torch.float32).numpy()
        here = names.get_name(there, try_suffixes=(".weight", ".bias"))
        assert here is not None, there
        if family.startswith("gemma") and there.endswith("norm.weight"):
            values = values + 1
        if family == "granite" and there.endswith(("q_proj.weight", "k_proj.weight")):
            values = interleaved(values, heads if "q_proj" in there else config["num_key_value_heads"])
        if family == "gpt2" and there.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
            values = values.T
        if ".query_key_value." in there:
            values = apart(values, heads)
        writer.add_tensor(here, np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


for name in "gemma", "gemma2", "gemma3", "phi3-long-rope", "granite", "olmo2", "gpt2", "gpt-neox", "gpt-neox-in-turn":
    write(name)
