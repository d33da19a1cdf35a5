#!/usr/bin/env python3
"""Greedy decoding by transformers (and llama.cpp, where llama_cpp is installed) on the CPU, for bench/decoding.ts.

  decoding.py transformers MODEL_FOLDER GGUF_NAME [--dtype float32|bfloat16] [--streams 1] [--tokens 64] [--threads 2]
  decoding.py llama GGUF_FILE [--tokens 64] [--threads 2]
  decoding.py quantize GGUF_FILE OUT        8-bit (Q8_0), by llama.cpp

Prints {"tokensPerSecond", "prefillSeconds", "ids"}: tokens of all streams in the time between the first and the last of them.
"""
import argparse
import json
import time
from pathlib import Path

TEXT = "The history of the city of London begins with"


def with_transformers(options) -> dict:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.generation.streamers import BaseStreamer

    torch.set_num_threads(options.threads)
    model = AutoModelForCausalLM.from_pretrained(
        options.model, gguf_file=options.gguf, dtype=getattr(torch, options.dtype)
    ).eval()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    ids = tokenizer(TEXT, return_tensors="pt").input_ids.repeat(options.streams, 1)

    class Clock(BaseStreamer):
        def __init__(self):
            self.times = []

        def put(self, value):
            self.times.append(time.perf_counter())

        def end(self):
            pass

    def run(tokens):
        clock = Clock()
        settings = {"max_new_tokens": tokens, "min_new_tokens": tokens, "do_sample": False, "pad_token_id": 0}
        with torch.inference_mode():
            if options.streams > 1:  # streamers take one stream
                begin = time.perf_counter()
                model.generate(ids, attention_mask=torch.ones_like(ids), **{**settings, "max_new_tokens": 1, "min_new_tokens": 1})
                first = time.perf_counter()
                out = model.generate(ids, attention_mask=torch.ones_like(ids), **settings)
                # the first token's time is taken off
                return out, (time.perf_counter() - first) - (first - begin), first - begin
            begin = time.perf_counter()
            out = model.generate(ids, attention_mask=torch.ones_like(ids), streamer=clock, **settings)
            return out, clock.times[-1] - clock.times[1], clock.times[1] - begin

    run(4)
    out, seconds, first = run(options.tokens)
    return {
        "tokensPerSecond": options.streams * (options.tokens - 1) / seconds,
        "prefillSeconds": first,
        "ids": out[0, ids.shape[1] :].tolist(),
    }


def with_llama(options) -> dict:
    from llama_cpp import Llama

    model = Llama(options.model, n_ctx=512, n_threads=options.threads, n_threads_batch=options.threads, verbose=False)
    ids = model.tokenize(TEXT.encode(), add_bos=False)

    def run(tokens):
        times, out = [], []
        model.reset()
        begin = time.perf_counter()
        for token in model.generate(ids, temp=0.0, repeat_penalty=1.0):
            times.append(time.perf_counter())
            out.append(token)
            if len(out) == tokens:
                break
        return out, times[-1] - times[0], times[0] - begin

    run(4)
    out, seconds, first = run(options.tokens)
    return {"tokensPerSecond": (options.tokens - 1) / seconds, "prefillSeconds": first, "ids": out}


def quantize(options) -> dict:
    import ctypes

    import llama_cpp

    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
    params.allow_requantize = True
    failed = llama_cpp.llama_model_quantize(options.model.encode(), options.gguf.encode(), ctypes.byref(params))
    if failed:
        raise SystemExit(f"llama.cpp could not quantise {options.model}: {failed}")
    return {}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=["transformers", "llama", "quantize"])
    parser.add_argument("model", type=Path)
    parser.add_argument("gguf", nargs="?")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.model = str(options.model)
    run = {"transformers": with_transformers, "llama": with_llama, "quantize": quantize}[options.peer]
    print(json.dumps(run(options)))


if __name__ == "__main__":
    main()
