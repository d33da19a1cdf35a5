"""Makes test/fixtures/models: tiny random models, their logits by transformers and a prompt's gradient. Needs torch,
transformers, peft, tokenizers. With NAMES, those alone are made: logits_fixture.py [NAME …]

NAME/                      a folder as save_pretrained writes it, with a tokenizer.json of one word per id (gpt2, gpt-neox, opt,
                           roberta: of characters; bert and its like: a WordPiece)
NAME/expected.json         {"inputIds": rows of different lengths, "logits": [row][position][word],
                           "prompt": learned tokens [P][e], "places": {PLACE: {"sequences", "loss", "gradient" [P][e]}}}:
                           learned token k stands as -1 - k in "context"; the loss is the cross-entropy of the target's tokens over
                           the vocabulary, summed over a target and averaged over the sequences. In a masked model the
                           target's tokens belong to "masks", places of the context. The prompt's rows are inputs_embeds;
                           where all of it stands in front of a causal model, the script checks that PEFT says the same.
stories260k.expected.json  {"inputIds", "lastLogits": [row][word]}: the logits of each row's last position
                           (made where ../shared/models/stories260k is there)

Weights are drawn with a large deviation, so that attention and positions matter.
"""

import copy
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from peft import PromptTuningConfig, TaskType, get_peft_model
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    GPT2Config,
    GPTNeoXConfig,
    GraniteConfig,
    LlamaConfig,
    MistralConfig,
    MT5Config,
    Olmo2Config,
    OPTConfig,
    Phi3Config,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3Config,
    RobertaConfig,
    T5Config,
    XLMRobertaConfig,
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
# Blended between two frequencies.
YARN = {
    "rope_type": "yarn",
    "rope_theta": 10000.0,
    "factor": 4.0,
    "original_max_position_embeddings": 32,
    "beta_fast": 4.0,
}
WORD_PIECE = ROOT / "test" / "fixtures" / "tokenizer" / "tiny-word-piece.json"
CHARACTERS = ROOT / "test" / "fixtures" / "peft" / "model" / "tokenizer.json"
LINEAR = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}


def rows(lengths: list[int], words: int, seed: int) -> list[list[int]]:
    random = torch.Generator().manual_seed(seed)
    return [torch.randint(3, words, (length,), generator=random).tolist() for length in lengths]


def rounded(values: torch.Tensor) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]


LEARNED = 3
A, B, C = -1, -2, -3
MASK = 4
START = 0
CAUSAL_PLACES = {
    "front": [([A, B, C, 9, 17, 33, 5], [8, 30, 12]), ([A, B, C, 21, 5, 40, 50, 11, 12, 13, 14, 22, 23, 24], [8, 31])],
    "middle": [([9, 17, A, B, C, 33], [44]), ([21, 5, A, 40, B, C, 50, 11, 12, 13, 14, 15], [8, 30])],
    "end": [([9, 17, 33, A, B, C], [8, 30, 12]), ([21, 5, 40, 50, 11, 12, 13, 14, 15, C, B, A], [44])],
}
MASKED_PLACES = {
    "front": [([A, B, C, 9, 17, MASK, 33, 5], [8]), ([A, B, C, 21, 5, 40, MASK, MASK, 50, 11, 12, 13], [8, 31])],
    "middle": [([9, 17, A, B, C, MASK, 33], [44]), ([21, 5, A, 40, MASK, MASK, B, C, 50, 11, 12, 13, 14, 15], [8, 30])],
    "end": [([9, MASK, MASK, 17, 33, A, B, C], [8, 30]), ([21, 5, 40, MASK, 50, 11, 12, 13, 14, 15, C, B, A], [44])],
}


def embedded(model: PreTrainedModel, prompt: torch.Tensor, ids: list[int]) -> torch.Tensor:
    words = model.get_input_embeddings()(torch.tensor([max(i, 0) for i in ids]))
    return torch.stack([prompt[-1 - i] if i < 0 else words[t] for t, i in enumerate(ids)])[None]


def sequence_loss(model: PreTrainedModel, prompt: torch.Tensor, context: list[int], target: list[int]) -> torch.Tensor:
    masks = [t for t, i in enumerate(context) if i == MASK] if is_masked(model.config) else None
    ids = context if masks or is_t5(model.config) else context + target[:-1]
    decoder = {"decoder_input_ids": torch.tensor([[START, *target[:-1]]])} if is_t5(model.config) else {}
    logs = model(inputs_embeds=embedded(model, prompt, ids), **decoder).logits[0].log_softmax(-1)
    places = masks or range(0 if is_t5(model.config) else len(context) - 1, 1000)[: len(target)]
    return -sum(logs[place, word] for place, word in zip(places, target, strict=True))


def peft_gradient(model: PreTrainedModel, prompt: torch.Tensor, sequences: list) -> torch.Tensor:
    kind = {"task_type": TaskType.CAUSAL_LM}
    if is_t5(model.config):
        kind = {"task_type": TaskType.SEQ_2_SEQ_LM, "num_transformer_submodules": 1}
    config = PromptTuningConfig(**kind, num_virtual_tokens=LEARNED)
    peft = get_peft_model(copy.deepcopy(model), config)
    learned = peft.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        learned.copy_(prompt)
    for context, target in sequences:
        ids = torch.tensor([context[LEARNED:] + target])
        labels = torch.tensor([[-100] * (len(context) - LEARNED) + target])
        if is_t5(model.config):
            ids, labels = torch.tensor([context[LEARNED:]]), torch.tensor([target])
        loss = peft(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss
        (loss * len(target) / len(sequences)).backward()
    return learned.grad


def prompt_places(model: PreTrainedModel) -> dict:
    width = model.get_input_embeddings().weight.shape[1]
    scale = embedded(model, None, [9, 17, 33]).std().item()
    random = torch.Generator().manual_seed(5)
    prompt = torch.tensor(rounded_rows(scale * torch.randn(LEARNED, width, generator=random)), requires_grad=True)
    places = {}
    for place, sequences in (MASKED_PLACES if is_masked(model.config) else CAUSAL_PLACES).items():
        loss = sum(sequence_loss(model, prompt, *sequence) for sequence in sequences) / len(sequences)
        (gradient,) = torch.autograd.grad(loss, prompt)
        if place == "front" and not is_masked(model.config) and width == model.config.hidden_size:
            by_peft = peft_gradient(model, prompt.detach(), sequences)
            cosine = torch.nn.functional.cosine_similarity(gradient.double().flatten(), by_peft.double().flatten(), dim=0).item()
            # Granite's PEFT prompt is multiplied too, as inputs_embeds are
            assert cosine > 0.9999995, f"PEFT's gradient has the cosine {cosine}"
        places[place] = {
            "sequences": [{"context": context, "target": target} for context, target in sequences],
            "loss": loss.item(),
            "gradient": rounded_rows(gradient),
        }
    return {"prompt": prompt.tolist(), "places": places}


def is_t5(config: PreTrainedConfig) -> bool:
    return config.model_type in {"t5", "mt5"}


def decoder_of(model: PreTrainedModel, row: list[int]) -> dict:
    """The decoder reads the same row backwards, behind its start."""
    return {"decoder_input_ids": torch.tensor([[START, *reversed(row)]])} if is_t5(model.config) else {}


def rounded_rows(values: torch.Tensor) -> list[list[float]]:
    return [rounded(row) for row in values]


def is_masked(config: PreTrainedConfig) -> bool:
    return config.model_type in {"bert", "roberta", "xlm-roberta", "distilbert", "electra"}


ONLY = sys.argv[1:]


def make(
    name: str,
    config: PreTrainedConfig,
    dtype: torch.dtype = torch.float32,
    shard_size: str = "1GB",
    tokenizer: Path | Callable[[Path], None] | None = None,
) -> None:
    if ONLY and name not in ONLY:
        return
    print(name, flush=True)
    torch.manual_seed(len(name) * 1000 + sum(name.encode()))
    auto = AutoModelForMaskedLM if is_masked(config) else AutoModelForSeq2SeqLM if is_t5(config) else AutoModelForCausalLM
    model = auto.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            # Norms and biases are all ones and zeros otherwise, and a mistake with them would not show.
            if re.search(r"(norm|LayerNorm|ln_\w+)\.weight$", key):
                # Gemma's are differences from 1
                parameter.uniform_(0.5, 1.5).sub_(1 if config.model_type.startswith("gemma") else 0)
            if key.endswith(".bias"):
                parameter.normal_(0, 0.5)
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard_size)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if callable(tokenizer):
        tokenizer(folder)
    elif tokenizer:
        shutil.copyfile(tokenizer, folder / "tokenizer.json")
    else:
        write_tokenizer(folder)
    (folder / "model.safetensors").exists() and (folder / "model.safetensors").chmod(0o644)
    # The stored weights in whatever type, the arithmetic in float32.
    model = auto.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    ids = rows([24, 7], config.vocab_size, seed=1)
    with torch.no_grad():
        logits = [[rounded(step) for step in model(torch.tensor([row]), **decoder_of(model, row)).logits[0]] for row in ids]
    expected = {"inputIds": ids, "logits": logits, **prompt_places(model)}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def write_tokenizer(folder: Path) -> None:
    words = {"<unk>": 0, "<s>": 1, "</s>": 2, **{f"w{i}": i for i in range(3, WORDS)}}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    tokenizer.save(str(folder / "tokenizer.json"))


def write_unigram(folder: Path) -> None:
    """As T5's: pieces with scores, marks of spans at the end, an end mark behind each text."""
    words = ["▁", "▁great", "▁terrible", "▁good", "▁bad", "▁film", "▁It", "▁was", "▁a", "▁the", "ing", "ed", "er", ",", "."]
    letters = list("abcdefghijklmnopqrstuvwxyz")
    pieces = ["<pad>", "</s>", "<unk>", *words, *letters]
    rest = [f"▁{letter}" for letter in letters if f"▁{letter}" not in pieces]
    pieces += rest[: WORDS - 2 - len(pieces)] + ["<extra_id_1>", "<extra_id_0>"]
    scores = [0.0 if piece.startswith("<") else -2.0 - 0.05 * i - (len(piece) < 3) for i, piece in enumerate(pieces)]
    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, scores)), unk_id=2, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>", "<extra_id_1>", "<extra_id_0>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
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
    tokenizer=CHARACTERS,
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
    tokenizer=WORD_PIECE,
)
make("gemma", GemmaConfig(**SHAPE, head_dim=16), torch.bfloat16)
# a cap that bites, and windows shorter than the texts
make(
    "gemma2",
    Gemma2Config(
        **SHAPE,
        head_dim=16,
        query_pre_attn_scalar=12,
        sliding_window=8,
        attn_logit_softcapping=3.0,
        final_logit_softcapping=2.0,
    ),
)
make(
    "gemma3",
    Gemma3TextConfig(
        **{**SHAPE, "num_hidden_layers": 3},
        head_dim=16,
        query_pre_attn_scalar=12,
        sliding_window=6,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        rope_parameters={
            "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
        },
    ),
)
# heads of 8, of which 4 numbers turn
LONGROPE = {"rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.1, 1.6], "long_factor": [2.0, 7.0]}
PHI3 = {**SHAPE, **untied, "pad_token_id": 0}
make("phi3", Phi3Config(**PHI3, sliding_window=8))
make(
    "phi3-long-rope",
    Phi3Config(
        **PHI3,
        original_max_position_embeddings=32,
        rope_parameters={**LONGROPE, "partial_rotary_factor": 0.5},
    ),
)
# texts of 24 tokens need the long factors
make(
    "phi3-long-text",
    Phi3Config(
        **PHI3,
        original_max_position_embeddings=4,
        rope_parameters={**LONGROPE, "partial_rotary_factor": 0.5},
    ),
)
make(
    "granite",
    GraniteConfig(
        **SHAPE,
        **tied,
        embedding_multiplier=3.0,
        attention_multiplier=0.2,
        residual_multiplier=0.4,
        logits_scaling=2.5,
    ),
)
make("granite-biases", GraniteConfig(**SHAPE, **untied, attention_bias=True, mlp_bias=True, attention_multiplier=0.3))
make("olmo2", Olmo2Config(**SHAPE, **untied))
make(
    "qwen2-some-windows",
    Qwen2Config(**SHAPE, **tied, use_sliding_window=True, sliding_window=7, max_window_layers=1),
)
make("llama-rope-yarn", LlamaConfig(**SHAPE, **tied, rope_parameters=YARN))
NEOX = {key: value for key, value in SHAPE.items() if key != "num_key_value_heads"} | {"intermediate_size": 64}
make("gpt-neox", GPTNeoXConfig(**NEOX, rope_parameters={"rope_theta": 10000.0, "partial_rotary_factor": 0.25}))
make(
    "gpt-neox-in-turn",
    GPTNeoXConfig(
        **NEOX,
        **tied,
        use_parallel_residual=False,
        attention_bias=False,
        rope_parameters={"rope_theta": 500.0, "partial_rotary_factor": 1.0},
    ),
)
OPT = {
    "vocab_size": WORDS,
    "hidden_size": 32,
    "ffn_dim": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 128,
    "init_std": 0.2,
}
make("opt", OPTConfig(**OPT))
make("opt-narrow-words", OPTConfig(**OPT, word_embed_proj_dim=16, do_layer_norm_before=False))
ENCODER = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.2,
}
ROBERTA = {**ENCODER, "max_position_embeddings": 98, "type_vocab_size": 1, "pad_token_id": 1, "layer_norm_eps": 1e-5}
make("roberta", RobertaConfig(**ROBERTA, vocab_size=270), tokenizer=WORD_PIECE)
make("xlm-roberta", XLMRobertaConfig(**ROBERTA, vocab_size=270), torch.float16, tokenizer=WORD_PIECE)
make(
    "distilbert",
    DistilBertConfig(
        vocab_size=270, dim=32, hidden_dim=48, n_layers=2, n_heads=4, max_position_embeddings=128, initializer_range=0.2
    ),
    tokenizer=WORD_PIECE,
)
make(
    "electra",
    ElectraConfig(**ENCODER, vocab_size=270, embedding_size=16, max_position_embeddings=128, hidden_act="gelu_new"),
    tokenizer=WORD_PIECE,
)
T5 = {
    "vocab_size": WORDS,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 48,
    "num_layers": 2,
    "num_decoder_layers": 3,
    "num_heads": 4,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 20,
    "initializer_factor": 2.0,
    "decoder_start_token_id": START,
}
make("t5", T5Config(**T5), tokenizer=write_unigram)
make("t5-gated", T5Config(**T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False), tokenizer=write_unigram)
make("mt5", MT5Config(**T5), torch.bfloat16, tokenizer=write_unigram)
if STORIES.exists() and not ONLY:
    make_stories()
