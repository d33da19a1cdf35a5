"""Makes test/fixtures/gguf: what the tests of the GGUF reader compare with. Needs gguf, numpy and safetensors.

types.gguf              one tensor [2, 256] of each supported type, made of random blocks with finite scales
types.safetensors       the same tensors in float32, by gguf.quants.dequantize
llama.gguf, qwen2.gguf, qwen3.gguf  tiny random models in the form of llama.cpp's converter (q and k of llama reordered)
llama.safetensors, ...  the same weights under Hugging Face's names
"""

from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize
from safetensors.numpy import save_file

FOLDER = Path(__file__).parent.parent / "test" / "fixtures" / "gguf"
RANDOM = np.random.default_rng(20240607)
TYPES = [Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q4_K, Type.Q6_K]
TYPES += [Type.Q2_K, Type.Q3_K, Type.Q5_K, Type.IQ4_NL, Type.IQ4_XS]
# Byte offsets of the half-precision scales within a block.
SCALES = {Type.Q8_0: [0], Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q4_K: [0, 2], Type.Q6_K: [208],
          Type.Q2_K: [80, 82], Type.Q3_K: [108], Type.Q5_K: [0, 2], Type.IQ4_NL: [0], Type.IQ4_XS: [0]}
ROWS, COLUMNS = 2, 256

LAYERS, WIDTH, INNER, HEADS, KEY_HEADS, HEAD, WORDS = 2, 32, 48, 4, 2, 8, 64


def random_tensor(kind: Type) -> np.ndarray:
    """Bytes [ROWS, bytes a row]."""
    if kind == Type.F32:
        return RANDOM.normal(size=(ROWS, COLUMNS)).astype(np.float32).view(np.uint8)
    if kind in (Type.F16, Type.BF16):
        halves = RANDOM.integers(0, 65536, (ROWS, COLUMNS), dtype=np.uint16)
        # No infinity and no NaN: their exponent bits are all ones.
        exponent = 0x7C00 if kind == Type.F16 else 0x7F80
        halves[(halves & exponent) == exponent] &= 0x3FFF
        return halves.view(np.uint8)
    values, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = RANDOM.integers(0, 256, (ROWS * COLUMNS // values, size), dtype=np.uint8)
    for at in SCALES[kind]:
        scales = RANDOM.normal(size=len(blocks)).astype(np.float16)
        scales[0] = np.float16(3e-7)  # subnormal
        blocks[:, at : at + 2] = scales.view(np.uint8).reshape(-1, 2)
    return blocks.reshape(ROWS, -1)


def write_types() -> None:
    writer = gguf.GGUFWriter(FOLDER / "types.gguf", "none")
    expected = {}
    for kind in TYPES:
        data = random_tensor(kind)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        expected[kind.name] = np.ascontiguousarray(dequantize(data, kind), dtype=np.float32).reshape(ROWS, COLUMNS)
    finish(writer)
    save_file(expected, FOLDER / "types.safetensors")


def interleave(weight: np.ndarray, heads: int) -> np.ndarray:
    """LlamaModel.permute of llama.cpp's convert_hf_to_gguf.py."""
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def llama3_divisors(theta: float, factor: float) -> np.ndarray:
    low, high, original = 1.0, 4.0, 8192
    wavelength = 2 * np.pi * theta ** (np.arange(0, HEAD, 2) / HEAD)
    smooth = np.clip((original / wavelength - low) / (high - low), 0, 1)
    return (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)


def write_model(arch: str) -> None:
    writer = gguf.GGUFWriter(FOLDER / f"{arch}.gguf", arch)
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_freq_base(500000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_string("general.name", "a tiny model, 微型")
    writer.add_array("tokenizer.ggml.tokens", [f"w{i}" for i in range(WORDS)])
    weights = {}

    def add(name: str, hub_name: str, *shape: int, heads: int | None = None) -> None:
        values = RANDOM.normal(size=shape).astype(np.float32)
        weights[hub_name] = values
        writer.add_tensor(name, interleave(values, heads) if heads and arch == "llama" else values)

    add("token_embd.weight", "model.embed_tokens.weight", WORDS, WIDTH)
    for i in range(LAYERS):
        here, there = f"blk.{i}", f"model.layers.{i}"
        add(f"{here}.attn_norm.weight", f"{there}.input_layernorm.weight", WIDTH)
        for part, heads in ("q", HEADS), ("k", KEY_HEADS), ("v", KEY_HEADS):
            permuted = heads if part in "qk" else None
            add(f"{here}.attn_{part}.weight", f"{there}.self_attn.{part}_proj.weight", heads * HEAD, WIDTH, heads=permuted)
            if arch == "qwen2":
                add(f"{here}.attn_{part}.bias", f"{there}.self_attn.{part}_proj.bias", heads * HEAD)
        if arch == "qwen3":
            for part in "qk":
                add(f"{here}.attn_{part}_norm.weight", f"{there}.self_attn.{part}_norm.weight", HEAD)
        add(f"{here}.attn_output.weight", f"{there}.self_attn.o_proj.weight", WIDTH, HEADS * HEAD)
        add(f"{here}.ffn_norm.weight", f"{there}.post_attention_layernorm.weight", WIDTH)
        add(f"{here}.ffn_gate.weight", f"{there}.mlp.gate_proj.weight", INNER, WIDTH)
        add(f"{here}.ffn_up.weight", f"{there}.mlp.up_proj.weight", INNER, WIDTH)
        add(f"{here}.ffn_down.weight", f"{there}.mlp.down_proj.weight", WIDTH, INNER)
    add("output_norm.weight", "model.norm.weight", WIDTH)
    if arch == "llama":
        add("output.weight", "lm_head.weight", WORDS, WIDTH)
        writer.add_tensor("rope_freqs.weight", llama3_divisors(500000.0, 32.0))
    finish(writer)
    save_file(weights, FOLDER / f"{arch}.safetensors")


def finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


FOLDER.mkdir(parents=True, exist_ok=True)
write_types()
for name in "llama", "qwen2", "qwen3":
    write_model(name)
