#!/usr/bin/env python3
"""Loss and gradient of what PEFT learns, on PyTorch, in float32 on the CPU.

  peft_gradient.py answer MODEL REQUEST [--gguf-file NAME]
      prints {"loss", "gradient": numbers, "madeWith"} for the JSON file REQUEST:
      {"method": "prompt", "prefix", "lora" …, "prompt": numbers, "learnedTokens": P, "sequences": [{"text": ids, "label": ids}]}.
      A prompt [P, d] stands in front of each text; a prefix [P, layers·2·kv_heads·head_dim] in front of each layer's keys
      and values. Where the model's layers are changed, "config" is what PEFT's config is made with, and the numbers are those
      of its parameters in the order of their names. The loss is the cross-entropy of the label's tokens over the full vocabulary, summed over a label and
      averaged over the sequences. In a masked model the text has masks ({"text", "masks": places, "label"}), and the
      gradient is that of transformers with the prompt as inputs_embeds, as PEFT would put it.

  peft_gradient.py fixtures
      writes test/fixtures/peft/gradient-NAME.json, random requests with their answers; those of stories260k where
      ../shared/models/stories260k is there.
"""
import argparse
import copy
import json
from pathlib import Path

import peft
import torch
import transformers
from peft import (
    IA3Config,
    LoraConfig,
    MultitaskPromptTuningConfig,
    PrefixTuningConfig,
    PromptEncoderConfig,
    PromptTuningConfig,
    TaskType,
    get_peft_model,
)
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, PreTrainedModel

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "test" / "fixtures" / "peft"
STORIES = ROOT.parent / "shared" / "models" / "stories260k"
IGNORED = -100
MODELS = ROOT / "test" / "fixtures" / "models"
# any word serves: the models are random
MASK = 4


# methods that change the model's layers
CHANGES = {"lora": LoraConfig, "ia3": IA3Config}
# methods whose learned tokens are made of several arrays
MADE = {"p-tuning": PromptEncoderConfig, "multitask": MultitaskPromptTuningConfig, "prefix-projection": PrefixTuningConfig}


def load(folder: Path, gguf_file: str | None = None) -> PreTrainedModel:
    masked = gguf_file is None and AutoConfig.from_pretrained(folder).model_type == "bert"
    auto = AutoModelForMaskedLM if masked else AutoModelForCausalLM
    return auto.from_pretrained(folder, dtype=torch.float32, gguf_file=gguf_file).eval()


def answer(model: PreTrainedModel, request: dict) -> dict:
    if request["method"] in CHANGES or request["method"] in MADE:
        loss, gradient = changed_answer(model, request)
    elif model.config.model_type == "bert":
        loss, gradient = masked_answer(model, request)
    else:
        loss, gradient = causal_answer(model, request)
    return {
        "loss": loss.item(),
        "gradient": gradient.flatten().tolist(),
        "madeWith": {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__},
    }


def causal_answer(model: PreTrainedModel, request: dict) -> tuple[torch.Tensor, torch.Tensor]:
    kind = PrefixTuningConfig if request.get("method") == "prefix" else PromptTuningConfig
    prompted = get_peft_model(
        model, kind(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=request["learnedTokens"])
    ).eval()
    weight = prompted.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        weight.copy_(torch.tensor(request["prompt"]).view_as(weight))

    loss = causal_loss(prompted, request["sequences"])
    loss.backward()
    return loss, weight.grad


def changed(model: PreTrainedModel, request: dict) -> tuple[torch.nn.Module, dict[str, torch.nn.Parameter]]:
    """The model with PEFT's changes, and the learned parameters by our names, sorted."""
    masked = model.config.model_type == "bert"
    method, config = request["method"], request["config"]
    if method in MADE:
        config = {**config, "num_virtual_tokens": request["learnedTokens"]}
    kind = {**CHANGES, **MADE}[method]
    adapted = get_peft_model(model, kind(task_type=None if masked else TaskType.CAUSAL_LM, **config)).eval()
    named = {
        name.removeprefix("base_model.model.").removeprefix("prompt_encoder.default.").replace(".default", "").removesuffix("" if method in MADE else ".weight"): parameter
        for name, parameter in adapted.named_parameters()
        if parameter.requires_grad
    }
    return adapted, dict(sorted(named.items()))


def changed_answer(model: PreTrainedModel, request: dict) -> tuple[torch.Tensor, torch.Tensor]:
    adapted, parameters = changed(model, request)
    numbers = torch.tensor(request["prompt"])
    assert len(numbers) == sum(parameter.numel() for parameter in parameters.values())
    at = 0
    with torch.no_grad():
        for parameter in parameters.values():
            parameter.copy_(numbers[at : at + parameter.numel()].view_as(parameter))
            at += parameter.numel()
    if model.config.model_type == "bert":
        loss = torch.zeros(())
        for s in request["sequences"]:
            logits = adapted(input_ids=torch.tensor([s["text"]])).logits[0]
            loss = loss + masked_loss(logits, s) / len(request["sequences"])
    else:
        extra = {"task_ids": torch.zeros(len(request["sequences"]), dtype=torch.long)}
        loss = causal_loss(adapted, request["sequences"], **(extra if request["method"] == "multitask" else {}))
    loss.backward()
    return loss, torch.cat([parameter.grad.flatten() for parameter in parameters.values()])


def causal_loss(model: torch.nn.Module, sequences: list[dict], **extra) -> torch.Tensor:
    length = max(len(s["text"]) + len(s["label"]) for s in sequences)
    ids = torch.zeros(len(sequences), length, dtype=torch.long)
    labels = torch.full_like(ids, IGNORED)
    attention = torch.zeros_like(ids)
    for i, s in enumerate(sequences):
        text, label = s["text"], s["label"]
        end = len(text) + len(label)
        ids[i, :end] = torch.tensor(text + label)
        labels[i, len(text) : end] = torch.tensor(label)
        attention[i, :end] = 1
    mean = model(input_ids=ids, attention_mask=attention, labels=labels, **extra).loss
    # transformers averages over all label tokens
    return mean * (labels != IGNORED).sum() / len(sequences)


def masked_loss(logits: torch.Tensor, sequence: dict) -> torch.Tensor:
    log_probabilities = logits[sequence["masks"]].log_softmax(-1)
    return -log_probabilities[range(len(sequence["label"])), sequence["label"]].sum()


def masked_answer(model: PreTrainedModel, request: dict) -> tuple[torch.Tensor, torch.Tensor]:
    prompt = torch.tensor(request["prompt"]).view(request["learnedTokens"], -1).requires_grad_()
    loss = torch.zeros(())
    for s in request["sequences"]:
        words = model.get_input_embeddings()(torch.tensor([s["text"]]))
        logits = model(inputs_embeds=torch.cat([prompt[None], words], 1)).logits[0, len(prompt) :]
        loss = loss + masked_loss(logits, s) / len(request["sequences"])
    loss.backward()
    return loss, prompt.grad


def random_request(model: PreTrainedModel, learned_tokens: int, method: str, seed: int, config: dict) -> dict:
    random = torch.Generator().manual_seed(seed)
    settings = config
    config = model.config
    scale = model.get_input_embeddings().weight.std().item()
    width = config.hidden_size
    if method == "prefix":
        kv_heads = getattr(config, "num_key_value_heads", config.num_attention_heads)
        head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        width = config.num_hidden_layers * 2 * kv_heads * head
    if method in CHANGES or method in MADE:
        # a copy: PEFT changes the model in place
        asked = {"method": method, "config": settings, "learnedTokens": learned_tokens}
        parameters = changed(copy.deepcopy(model), asked)[1]
        near_one = method == "ia3"
        prompt = torch.cat([torch.randn(p.numel(), generator=random) * (0.3 if method in MADE else 0.1) + near_one for p in parameters.values()])
    else:
        prompt = torch.randn(learned_tokens * width, generator=random) * scale

    def draw(length: int) -> list[int]:
        return torch.randint(3, config.vocab_size, (length,), generator=random).tolist()

    sequences = [{"text": [1] + draw(text), "label": draw(label)} for text, label in [(5, 1), (21, 2), (1, 1), (12, 3)]]
    if config.model_type == "bert":
        for sequence in sequences:
            first = len(sequence["text"]) // 2
            sequence["masks"] = list(range(first, first + len(sequence["label"])))
            masks = [MASK] * len(sequence["label"])
            sequence["text"] = sequence["text"][:first] + masks + sequence["text"][first:]
    return {
        "method": method,
        "learnedTokens": learned_tokens,
        **({"config": settings} if method in CHANGES or method in MADE else {}),
        "prompt": [float(f"{value:.6g}") for value in prompt.tolist()],
        "sequences": sequences,
    }


def make_fixture(name: str, folder: Path, learned_tokens: int = 0, method: str = "prompt", **config) -> None:
    model = load(folder)
    request = random_request(model, learned_tokens, method, seed=4, config=config)
    (FIXTURES / f"gradient-{name}.json").write_text(json.dumps({**request, **answer(model, request)}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    answering = commands.add_parser("answer")
    answering.add_argument("model", type=Path)
    answering.add_argument("request", type=Path)
    answering.add_argument("--gguf-file")
    commands.add_parser("fixtures")
    arguments = parser.parse_args()
    if arguments.command == "answer":
        request = json.loads(arguments.request.read_text())
        print(json.dumps(answer(load(arguments.model, arguments.gguf_file), request)))
    else:
        make_fixture("tiny", FIXTURES / "model", learned_tokens=4)
        make_fixture("gpt2", MODELS / "gpt2", learned_tokens=4)
        make_fixture("bert", MODELS / "bert", learned_tokens=4)
        make_fixture("prefix-tiny", FIXTURES / "model", learned_tokens=3, method="prefix")
        make_fixture("prefix-gpt2", MODELS / "gpt2", learned_tokens=3, method="prefix")
        make_fixture("prefix-qwen2", MODELS / "qwen2", learned_tokens=3, method="prefix")
        make_fixture("lora-tiny", FIXTURES / "model", method="lora", r=3, lora_alpha=6)
        make_fixture("lora-gpt2", MODELS / "gpt2", method="lora", r=2, target_modules=["c_attn", "mlp.c_proj"])
        make_fixture("lora-bert", MODELS / "bert", method="lora", r=2, use_rslora=True)
        sizes = {"learned_tokens": 3, "encoder_hidden_size": 5}
        make_fixture("p-tuning-mlp", FIXTURES / "model", method="p-tuning", **sizes)
        lstm = {"encoder_reparameterization_type": "LSTM", "encoder_num_layers": 2}
        make_fixture("p-tuning-lstm", FIXTURES / "model", method="p-tuning", **sizes, **lstm)
        make_fixture("prefix-projection", FIXTURES / "model", method="prefix-projection", **sizes, prefix_projection=True)
        make_fixture("multitask", FIXTURES / "model", learned_tokens=3, method="multitask", num_ranks=2)
        make_fixture("ia3-tiny", FIXTURES / "model", method="ia3")
        make_fixture("ia3-gpt2", MODELS / "gpt2", method="ia3")
        make_fixture("ia3-bert", MODELS / "bert", method="ia3")
        if STORIES.exists():
            make_fixture("stories260k", STORIES, learned_tokens=6)
            make_fixture("prefix-stories260k", STORIES, learned_tokens=2, method="prefix")
            make_fixture("lora-stories260k", STORIES, method="lora", r=2, lora_alpha=8)
            make_fixture("ia3-stories260k", STORIES, method="ia3")
