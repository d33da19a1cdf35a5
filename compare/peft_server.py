"""The peer of bench/service/load.ts: FastAPI and PEFT, one model, many prompts, `set_adapter` for each request.

    PEER_PYTHON compare/peft_server.py MODEL_FOLDER GGUF_FILE FOLDER_OF_PROMPTS PORT
"""

import os
import sys
import threading

import torch
import uvicorn
from fastapi import FastAPI
from peft import PeftModel
from pydantic import BaseModel
from transformers import AutoModelForCausalLM, AutoTokenizer

model_folder, gguf, folder, port = sys.argv[1:5]
tokenizer = AutoTokenizer.from_pretrained(model_folder)
base = AutoModelForCausalLM.from_pretrained(model_folder, gguf_file=gguf, dtype=torch.float32)
names = sorted(os.listdir(folder))
model = PeftModel.from_pretrained(base, os.path.join(folder, names[0]), adapter_name=names[0])
for name in names[1:]:
    model.load_adapter(os.path.join(folder, name), adapter_name=name)
model.eval()
labels = {"0": " terrible", "1": " great"}
ids = [tokenizer.encode(word, add_special_tokens=False)[0] for word in labels.values()]
# an adapter belongs to the model, not to a request: two requests at once would get each other's
lock = threading.Lock()
app = FastAPI()


class Asked(BaseModel):
    text: str


@app.post("/v1/prompts/{name}/predict")
def predict(name: str, asked: Asked):
    batch = tokenizer(asked.text + " It was", return_tensors="pt", add_special_tokens=False)
    with lock, torch.inference_mode():
        model.set_adapter(name)
        logits = model(**batch).logits[0, -1, ids]
    shares = torch.softmax(logits, 0).tolist()
    probabilities = dict(zip(labels, shares))
    best = max(probabilities, key=probabilities.get)
    return {"prompt": name, "predictions": [{"label": best, "probabilities": probabilities}]}


uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
