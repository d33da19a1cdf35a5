#!/usr/bin/env python3
"""What transformers generates with encoder-decoders on the CPU in float32, for test/decoding.

  source_generate.py
      writes test/fixtures/models/NAME/generated.json for the random models of logits_fixture.py: ids in the decoder behind its
      start. "greedy" has the prompt of expected.json in front of the encoder's text, as PEFT puts it (num_transformer_submodules
      1); "plain", "repetitionPenalty", "noRepeatNgram" and "beams" (with an end mark and length penalties) are the frozen model's.
"""
import json

import torch
import transformers
from transformers import AutoModelForSeq2SeqLM

from peft_generate import NGRAM, PENALTY, TOKENS
from peft_gradient import MODELS

LENGTHS = [5, 1, 23, 12]


def new_ids(model, inputs: dict, **settings) -> list[int]:
    # its cache has as many layers as the encoder, and these decoders have more (transformers 5.24)
    settings = {"max_new_tokens": TOKENS, "do_sample": False, "pad_token_id": 0, "use_cache": False, **settings}
    with torch.no_grad():
        return model.generate(**inputs, **settings)[0, 1:].tolist()


def make_fixture(name: str) -> None:
    folder = MODELS / name
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32).eval()
    model.generation_config.eos_token_id = None
    model.generation_config.decoder_start_token_id = model.config.decoder_start_token_id
    generator = torch.Generator().manual_seed(0)
    texts = [torch.randint(2, model.config.vocab_size, (n,), generator=generator).tolist() for n in LENGTHS]
    prompt = torch.tensor(json.loads((folder / "expected.json").read_text())["prompt"])
    words = model.get_input_embeddings()

    def plain(text: list[int]) -> dict:
        ids = torch.tensor([text])
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}

    def behind(text: list[int]) -> dict:
        rows = torch.cat([prompt, words(torch.tensor(text))])[None].detach()
        return {"inputs_embeds": rows, "attention_mask": torch.ones(rows.shape[:2], dtype=torch.long)}

    fixture = {
        **{"tokens": TOKENS, "penalty": PENALTY, "ngram": NGRAM, "texts": texts},
        "greedy": [new_ids(model, behind(text)) for text in texts],
        "plain": [new_ids(model, plain(text)) for text in texts],
        "repetitionPenalty": [new_ids(model, plain(text), repetition_penalty=PENALTY) for text in texts],
        "noRepeatNgram": [new_ids(model, plain(text), no_repeat_ngram_size=NGRAM) for text in texts],
    }
    beams = []
    for text, count, penalty in [(texts[0], 4, 1.0), (texts[2], 3, 0.0), (texts[3], 5, 2.0)]:
        # a token that comes up, so that answers end
        end = fixture["plain"][0][TOKENS // 2]
        ids = new_ids(model, plain(text), num_beams=count, length_penalty=penalty, eos_token_id=end)
        ids = ids[: ids.index(end)] if end in ids else ids
        beams.append({"text": text, "beams": count, "lengthPenalty": penalty, "end": end, "ids": ids})
    fixture["beams"] = beams
    fixture["madeWith"] = {"transformers": transformers.__version__, "torch": torch.__version__}
    (folder / "generated.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    for name in ["t5", "t5-gated", "mt5"]:
        make_fixture(name)
