"""Makes test/fixtures/models: tiny random models and their logits by transformers. Needs torch, transformers, tokenizers.

NAME/                      a folder as save_pretrained writes it, with a tokenizer.json of one word per id (gpt2: of characters;
                           bert: a WordPiece)
NAME/expected.json         {"inputIds": rows of different lengths, "logits": [row][position][word]}
stories260k.expected.json  {"inputIds", "lastLogits": [row][word]}: the logits of each row's last position
                           (made where ../shared/models/stories260k is there)

Weights are drawn with a large deviation, so that attention and positions matter.
"""

import json
import re
import shutil
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    BertConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    PreTrainedConfig,
    Qwen2Config,
    Qwen3Config,
)

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "test" / "fixtures" / "models"
STORIES = ROOT.parent / "shared" / "models" / "stories260k"
WORDS = 64
SHAPE = {
    "vocab_size": WORDS,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "initializer_range": 0.2,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    # Short, so that 24 tokens feel the scaling.
    "original_max_position_embeddings": 64,
}
LINEAR = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}


def rows(lengths: list[int], words: int, seed: int) -> list[list[int]]:
    random = torch.Generator().manual_seed(seed)
    return [torch.randint(3, words, (length,), generator=random).tolist() for length in lengths]


def rounded(values: torch.Tensor) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]


def make(
    name: str,
    config: PreTrainedConfig,
    dtype: torch.dtype = torch.float32,
    shard_size: str = "1GB",
    tokenizer: Path | None = None,
) -> None:
    torch.manual_seed(len(name) * 1000 + sum(name.encode()))
    auto = AutoModelForMaskedLM if config.model_type == "bert" else AutoModelForCausalLM
    model = auto.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            # Norms and biases are all ones and zeros otherwise, and a mistake with them would not show.
            if re.search(r"(norm|LayerNorm|ln_\w+)\.weight$", key):
                parameter.uniform_(0.5, 1.5)
            if key.endswith(".bias"):
                parameter.normal_(0, 0.5)
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard_size)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if tokenizer:
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
    else:
        write_tokenizer(folder)
    (folder / "model.safetensors").exists() and (folder / "model.safetensors").chmod(0o644)
    # The stored weights in whatever type, the arithmetic in float32.
    model = auto.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    ids = rows([24, 7], config.vocab_size, seed=1)
    with torch.no_grad():
        logits = [[rounded(step) for step in model(torch.tensor([row])).logits[0]] for row in ids]
    (folder / "expected.json").write_text(json.dumps({"inputIds": ids, "logits": logits}) + "\n")


def write_tokenizer(folder: Path) -> None:
    words = {"<unk>": 0, "<s>": 1, "</s>": 2, **{f"w{i}": i for i in range(3, WORDS)}}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.save(str(folder / "tokenizer.json"))


def make_stories() -> None:
    model = AutoModelForCausalLM.from_pretrained(STORIES, dtype=torch.float32, attn_implementation="eager").eval()
    ids = rows([3, 8, 21, 40, 64], 512, seed=2)
    with torch.no_grad():
        logits = [rounded(model(torch.tensor([row])).logits[0, -1]) for row in ids]
    (FOLDER / "stories260k.expected.json").write_text(json.dumps({"inputIds": ids, "lastLogits": logits}) + "\n")


tied = {"tie_word_embeddings": True}
untied = {"tie_word_embeddings": False}
make("llama-tied", LlamaConfig(**SHAPE, **tied))
make("llama-untied", LlamaConfig(**SHAPE, **untied))
make("llama-rope-llama3", LlamaConfig(**SHAPE, **tied, rope_parameters=LLAMA3))
make("llama-rope-linear", LlamaConfig(**SHAPE, **tied, rope_parameters=LINEAR))
make("llama-f16", LlamaConfig(**SHAPE, **untied), torch.float16)
make("llama-bf16", LlamaConfig(**SHAPE, **tied), torch.bfloat16)
make("llama-sharded", LlamaConfig(**SHAPE, **untied), shard_size="40KB")
make("mistral", MistralConfig(**SHAPE, **untied, head_dim=16, sliding_window=8))
make("qwen2", Qwen2Config(**SHAPE, **tied))
make("qwen3", Qwen3Config(**SHAPE, **tied, head_dim=16), torch.bfloat16)
make(
    "gpt2",
    GPT2Config(vocab_size=WORDS, n_embd=32, n_layer=2, n_head=4, n_positions=128, initializer_range=0.2),
    tokenizer=ROOT / "test" / "fixtures" / "peft" / "model" / "tokenizer.json",
)
make(
    "bert",
    BertConfig(
        vocab_size=270,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=128,
        initializer_range=0.2,
    ),
    tokenizer=ROOT / "test" / "fixtures" / "tokenizer" / "tiny-word-piece.json",
)
if STORIES.exists():
    make_stories()
