#!/usr/bin/env python3
"""The prompt folder, both ways between softprompt and PEFT.

  peft_roundtrip.py fixture FOLDER
      makes FOLDER/model (a tiny random Llama that reads characters), FOLDER/prompt (a prompt saved by PEFT) and FOLDER/expected.json
      (token ids, and the logits of each row's last position with and without the prompt).

  peft_roundtrip.py changes FOLDER
      makes, for FOLDER/model, what PEFT saves of each other method (FOLDER/lora, FOLDER/ia3, …), and FOLDER/expected-changes.json
      with the logits of each, by folder.

  peft_roundtrip.py load MODEL PROMPT EXPECTED
      loads PROMPT (written by either side) with PeftModel.from_pretrained, runs the rows `inputIds` of the JSON file
      EXPECTED, prints one JSON line with the largest difference from its `logits`, and fails where that is above 1e-5.
"""
import json
import string
import sys
from pathlib import Path

import peft
import torch
import transformers
from peft import (
    CPTConfig,
    IA3Config,
    LoraConfig,
    MultitaskPromptTuningConfig,
    PeftModel,
    PrefixTuningConfig,
    PromptEncoderConfig,
    PromptTuningConfig,
    TaskType,
    get_peft_model,
)
from tokenizers import AddedToken, Tokenizer, decoders, models
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

PROMPT_TOKENS = 4
ROWS = [[1, 5, 9, 33], [1, 60, 2, 17, 40, 8, 21], [1], [63, 0, 12, 12, 12]]


def tiny_llama() -> LlamaForCausalLM:
    """Weights spread widely enough that every one of them moves the logits."""
    config = LlamaConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=64, max_position_embeddings=128, rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=False,
        bos_token_id=1, eos_token_id=2,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.normal_(std=0.25)
            if "norm" in name:
                weight.add_(1)
    return model.eval()


def character_tokenizer() -> Tokenizer:
    """64 ids: three special ones, then characters; anything else is <unk>."""
    special = ["<unk>", "<s>", "</s>"]
    characters = (" " + string.ascii_letters + ".,:!?'-()")[: 64 - len(special)]
    vocabulary = {token: i for i, token in enumerate([*special, *characters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    assert tokenizer.get_vocab_size() == 64
    return tokenizer


@torch.no_grad()
def last_logits(model, rows: list[list[int]], **more) -> list[list[float]]:
    """[rows, V]: one row at a time, so nothing is padded."""
    return [model(input_ids=torch.tensor([row]), **more).logits[0, -1].tolist() for row in rows]


def make_fixture(folder: Path) -> None:
    torch.manual_seed(0)
    model = tiny_llama()
    model.save_pretrained(folder / "model")
    character_tokenizer().save(str(folder / "model" / "tokenizer.json"))
    base_logits = last_logits(model, ROWS)
    model.name_or_path = "tiny-random-llama"  # PEFT writes it as the base model's name
    prompted = get_peft_model(
        model, PromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=PROMPT_TOKENS)
    ).eval()
    with torch.no_grad():
        prompted.prompt_encoder["default"].embedding.weight.normal_(std=0.5)
    prompted.save_pretrained(folder / "prompt")
    (folder / "prompt" / "README.md").unlink(missing_ok=True)
    expected = {
        "madeWith": {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__},
        "inputIds": ROWS,
        "logits": last_logits(prompted, ROWS),
        "baseLogits": base_logits,
    }
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def make_changes(folder: Path) -> None:
    expected = {"inputIds": ROWS}
    for method, config in [
        ("lora", LoraConfig(task_type=TaskType.CAUSAL_LM, r=4, lora_alpha=8, target_modules=["q_proj", "down_proj"])),
        ("ia3", IA3Config(task_type=TaskType.CAUSAL_LM)),
        ("p-tuning", PromptEncoderConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=3, encoder_hidden_size=5)),
        ("multitask", MultitaskPromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=3, num_ranks=2)),
        ("cpt", CPTConfig(task_type=TaskType.CAUSAL_LM, cpt_token_ids=[0] * 3, cpt_tokens_type_mask=[2] * 3, opt_projection_epsilon=4.0, opt_projection_format_epsilon=4.0)),
        (
            "prefix-projection",
            PrefixTuningConfig(
                task_type=TaskType.CAUSAL_LM, num_virtual_tokens=3, encoder_hidden_size=5, prefix_projection=True
            ),
        ),
    ]:
        torch.manual_seed(1)
        model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32).eval()
        model.name_or_path = "tiny-random-llama"
        changed = get_peft_model(model, config).eval()
        with torch.no_grad():
            for parameter in changed.parameters():
                if parameter.requires_grad:
                    parameter.add_(torch.randn_like(parameter) * 0.3)
        changed.save_pretrained(folder / method)
        (folder / method / "README.md").unlink(missing_ok=True)
        more = {"task_ids": torch.zeros(1, dtype=torch.long)} if method == "multitask" else {}
        expected[method] = last_logits(changed, ROWS, **more)
    (folder / "expected-changes.json").write_text(json.dumps(expected) + "\n")


def load(model_folder: Path, prompt_folder: Path, expected_file: Path) -> None:
    expected = json.loads(expected_file.read_text())
    base = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32).eval()
    prompted = PeftModel.from_pretrained(base, prompt_folder).eval()
    logits = last_logits(prompted, expected["inputIds"])
    difference = (torch.tensor(logits) - torch.tensor(expected["logits"])).abs().max().item()
    print(json.dumps({"prompt": str(prompt_folder), "maxLogitDifference": difference, "peft": peft.__version__}))
    if difference > 1e-5:
        sys.exit(1)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fixture", folder]:
            make_fixture(Path(folder))
        case ["changes", folder]:
            make_changes(Path(folder))
        case ["load", model, prompt, expected]:
            load(Path(model), Path(prompt), Path(expected))
        case _:
            sys.exit(__doc__)
