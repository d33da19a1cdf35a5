#!/usr/bin/env python3
"""What PEFT and transformers generate on the CPU in float32, for test/decoding.

  peft_generate.py fixtures
      writes test/fixtures/peft/generate-NAME.json for the prompts of gradient-NAME.json (see peft_gradient.py):
      "greedy" behind the learned prompt by PEFT's forward, and by the frozen model alone "plain", "repetitionPenalty",
      "noRepeatNgram" and "beams" (with an end mark and length penalties). Those of stories260k where
      ../shared/models/stories260k is there.
"""
import argparse
import json

import peft
import torch
import transformers
from peft import PrefixTuningConfig, PromptTuningConfig, TaskType, get_peft_model
from peft_gradient import FIXTURES, MODELS, STORIES, load

TOKENS = 24
PENALTY = 1.3
NGRAM = 3


def new_ids(model, text: list[int], **settings) -> list[int]:
    ids = torch.tensor([text])
    # what PEFT puts in front takes positions too
    room = model.config.max_position_embeddings - len(text) - 8
    settings = {"max_new_tokens": min(TOKENS, room), "do_sample": False, "pad_token_id": 0, **settings}
    out = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), **settings)
    return out[0, ids.shape[1] :].tolist()


def make_fixture(name: str, folder) -> None:
    request = json.loads((FIXTURES / f"gradient-{name}.json").read_text())
    texts = [sequence["text"] for sequence in request["sequences"]]
    model = load(folder)
    model.generation_config.eos_token_id = None
    frozen = {
        "plain": [new_ids(model, text) for text in texts],
        "repetitionPenalty": [new_ids(model, text, repetition_penalty=PENALTY) for text in texts],
        "noRepeatNgram": [new_ids(model, text, no_repeat_ngram_size=NGRAM) for text in texts],
    }
    beams = []
    for text, count, penalty in [(texts[0], 4, 1.0), (texts[1], 3, 0.0), (texts[3], 5, 2.0)]:
        # a token that comes up, so that answers end
        end = frozen["plain"][0][len(frozen["plain"][0]) // 2]
        ids = new_ids(model, text, num_beams=count, length_penalty=penalty, eos_token_id=end)
        if end in ids:
            ids = ids[: ids.index(end)]
        beams.append({"text": text, "beams": count, "lengthPenalty": penalty, "end": end, "ids": ids})
    fixture = {"tokens": TOKENS, "penalty": PENALTY, "ngram": NGRAM, "texts": texts, **frozen, "beams": beams}
    fixture["greedy"] = behind_prompt(model, request, texts)
    fixture["madeWith"] = {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__}
    (FIXTURES / f"generate-{name}.json").write_text(json.dumps(fixture) + "\n")


def behind_prompt(model, request: dict, texts: list[list[int]]) -> list[list[int]]:
    """Greedy ids behind what PEFT learned."""
    if model.config.model_type == "gpt2":
        # PEFT 0.21 with transformers 5.24 asks for positions that GPT-2 has not: the prompt as transformers' inputs_embeds
        prompt = torch.tensor(request["prompt"]).view(request["learnedTokens"], -1)
        words = model.get_input_embeddings()
        inputs = [torch.cat([prompt, words(torch.tensor(text))])[None] for text in texts]
        settings = {"max_new_tokens": TOKENS, "do_sample": False, "pad_token_id": 0}
        with torch.no_grad():
            return [model.generate(inputs_embeds=x, attention_mask=torch.ones(x.shape[:2]), **settings)[0].tolist() for x in inputs]
    kind = PrefixTuningConfig if request.get("method") == "prefix" else PromptTuningConfig
    prompted = get_peft_model(
        model, kind(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=request["learnedTokens"])
    ).eval()
    weight = prompted.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        weight.copy_(torch.tensor(request["prompt"]).view_as(weight))
    return [forward_ids(prompted, text) for text in texts]


def forward_ids(prompted, text: list[int]) -> list[int]:
    """
    By PEFT's forward, a whole text a token. Its generate garbles the prompt with a cache, and a prefix without one too
    (PEFT 0.21.2 with transformers 5.24; compare generate(use_cache=False) for a soft prompt, which agrees with this).
    """
    ids = list(text)
    for _ in range(TOKENS):
        with torch.no_grad():
            logits = prompted(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids))).logits[0, -1]
        ids.append(int(logits.argmax()))
    return ids[len(text) :]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["fixtures"])
    parser.parse_args()
    torch.manual_seed(0)
    make_fixture("tiny", FIXTURES / "model")
    make_fixture("gpt2", MODELS / "gpt2")
    make_fixture("prefix-tiny", FIXTURES / "model")
    make_fixture("prefix-qwen2", MODELS / "qwen2")
    if STORIES.exists():
        make_fixture("stories260k", STORIES)
        make_fixture("prefix-stories260k", STORIES)
