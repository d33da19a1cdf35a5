#!/usr/bin/env python3
"""Loss and gradient of a soft prompt by PEFT on PyTorch, in float32 on the CPU.

  peft_gradient.py answer MODEL REQUEST [--gguf-file NAME]
      prints {"loss", "gradient": [P·d numbers], "madeWith"} for the JSON file REQUEST:
      {"prompt": [P·d numbers], "learnedTokens": P, "sequences": [{"text": ids, "label": ids}]}.
      The prompt stands in front of each text; the loss is the cross-entropy of the label's tokens over the full
      vocabulary, summed over a label and averaged over the sequences.

  peft_gradient.py fixtures
      writes test/fixtures/peft/gradient-tiny.json and, where ../shared/models/stories260k is there,
      gradient-stories260k.json: random requests with their answers.
"""
import argparse
import json
from pathlib import Path

import peft
import torch
import transformers
from peft import PromptTuningConfig, TaskType, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedModel

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "test" / "fixtures" / "peft"
STORIES = ROOT.parent / "shared" / "models" / "stories260k"
IGNORED = -100


def load(folder: Path, gguf_file: str | None = None) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, gguf_file=gguf_file).eval()


def answer(model: PreTrainedModel, request: dict) -> dict:
    prompted = get_peft_model(
        model, PromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=request["learnedTokens"])
    ).eval()
    weight = prompted.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        weight.copy_(torch.tensor(request["prompt"]).view_as(weight))

    sequences = request["sequences"]
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
    mean = prompted(input_ids=ids, attention_mask=attention, labels=labels).loss
    # transformers averages over all label tokens
    loss = mean * (labels != IGNORED).sum() / len(sequences)
    loss.backward()
    return {
        "loss": loss.item(),
        "gradient": weight.grad.flatten().tolist(),
        "madeWith": {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__},
    }


def random_request(model: PreTrainedModel, learned_tokens: int, seed: int) -> dict:
    random = torch.Generator().manual_seed(seed)
    config = model.config
    scale = model.get_input_embeddings().weight.std().item()
    prompt = torch.randn(learned_tokens * config.hidden_size, generator=random) * scale

    def draw(length: int) -> list[int]:
        return torch.randint(3, config.vocab_size, (length,), generator=random).tolist()

    sequences = [{"text": [1] + draw(text), "label": draw(label)} for text, label in [(5, 1), (21, 2), (1, 1), (12, 3)]]
    return {
        "learnedTokens": learned_tokens,
        "prompt": [float(f"{value:.6g}") for value in prompt.tolist()],
        "sequences": sequences,
    }


def make_fixture(name: str, folder: Path, learned_tokens: int) -> None:
    model = load(folder)
    request = random_request(model, learned_tokens, seed=4)
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
        if STORIES.exists():
            make_fixture("stories260k", STORIES, learned_tokens=6)
