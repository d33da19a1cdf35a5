"""What a sequence network gains from more than the order of items, on ML-100K, in PyTorch: SASRec as ours (width 64, two
layers, full softmax, tied vectors) is told, one at a time, the time since the item before, ratings, attributes of the items,
or weighs what it learns from by its rating. Leave-one-out, full ranking, history removed, ties in time drawn by the seed.
Each gain is paired over users and stands beside its standard error.

    python compare/sequence_inputs.py FOLDER_OF_ML_100K [--seeds 2] [--epochs 30] [--out bench/results/...json]
"""

import argparse
import json
import math
import random
import time
from collections import defaultdict
from pathlib import Path

import torch
from torch import nn

WIDTH, LAYERS, HEADS, LENGTH, BATCH, RATE, DROPOUT = 64, 2, 2, 50, 32, 3e-3, 0.2
GAPS = [0, 60, 3600, 86_400, 7 * 86_400, 30 * 86_400]  # seconds; none, and more than the last beside them
VARIANTS = ["nothing", "time gaps", "ratings", "attributes", "weighted by rating", "low ratings count a third"]


def read(folder, seed):
    """Each user's (item, rating, time), the oldest first; equal times in an order that the seed draws."""
    draw = random.Random(seed)
    users = defaultdict(list)
    items = {}
    for line in (folder / "u.data").read_text().splitlines():
        user, item, rating, when = line.split("\t")
        users[user].append((int(when), draw.random(), items.setdefault(item, len(items)), int(rating)))
    sequences = [[(item, rating, when) for when, _, item, rating in sorted(rows)] for rows in users.values()]
    attributes = torch.zeros(len(items), 19 + 12)
    for line in (folder / "u.item").read_text(encoding="latin-1").splitlines():
        fields = line.split("|")
        if fields[0] not in items:
            continue
        row = attributes[items[fields[0]]]
        row[:19] = torch.tensor([float(x) for x in fields[5:24]])
        if fields[2]:
            row[19 + max(0, min(11, (int(fields[2][-4:]) - 1900) // 10 + 2))] = 1
    return sequences, len(items), attributes


def gap_group(now, before):
    if before is None:
        return len(GAPS) + 1
    return next((group for group, most in enumerate(GAPS) if now - before <= most), len(GAPS))


class Network(nn.Module):
    def __init__(self, items, attributes, variant):
        super().__init__()
        self.variant = variant
        self.items = nn.Embedding(items, WIDTH)
        self.positions = nn.Embedding(LENGTH, WIDTH)
        self.gaps = nn.Embedding(len(GAPS) + 2, WIDTH)
        self.ratings = nn.Embedding(6, WIDTH)
        for table in (self.items, self.positions, self.gaps, self.ratings):
            nn.init.normal_(table.weight, std=0.02)
        self.attributes = attributes
        self.project = nn.Linear(attributes.shape[1], WIDTH, bias=False)
        nn.init.normal_(self.project.weight, std=0.01)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, DROPOUT, "gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(WIDTH)
        self.drop = nn.Dropout(DROPOUT)

    def catalogue(self):
        own = self.items.weight
        return own + self.project(self.attributes) if self.variant == "attributes" else own

    def forward(self, items, ratings, gaps):
        """[B, T] each → what each row asks for [B, T, d]."""
        length = items.shape[1]
        x = self.catalogue()[items] + self.positions.weight[:length]
        if self.variant == "time gaps":
            x = x + self.gaps(gaps)
        if self.variant == "ratings":
            x = x + self.ratings(ratings)
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        return self.norm(self.layers(self.drop(x), mask=mask, is_causal=True))


def packed(windows):
    """Right-padded; rows behind a window's end are seen by none before it."""
    length = max(len(window) for window in windows)
    blank = lambda: torch.zeros(len(windows), length, dtype=torch.long)
    items, ratings, gaps = blank(), blank(), blank()
    for b, window in enumerate(windows):
        before = None
        for t, (item, rating, when) in enumerate(window):
            items[b, t], ratings[b, t], gaps[b, t] = item, rating, gap_group(when, before)
            before = when
    return items, ratings, gaps


@torch.no_grad()
def ndcg(network, sequences, held):
    """[users] NDCG@10 of the item `held` places from the end, told all before it."""
    network.eval()
    values = []
    catalogue = network.catalogue()
    for start in range(0, len(sequences), 64):
        some = sequences[start : start + 64]
        histories = [sequence[: len(sequence) - held] for sequence in some]
        recent = [history[-LENGTH:] for history in histories]
        asked = network(*packed(recent))[torch.arange(len(some)), torch.tensor([len(r) - 1 for r in recent])]
        scores = asked @ catalogue.T
        for b, history in enumerate(histories):
            target = some[b][len(some[b]) - held][0]
            own = scores[b, target].item()
            scores[b, [item for item, _, _ in history]] = -math.inf
            rank = int((scores[b] >= own).sum()) + (0 if scores[b, target] >= own else 1)
            values.append(1 / math.log2(rank + 1) if rank <= 10 else 0.0)
    return torch.tensor(values)


def train(sequences, items, attributes, variant, seed, epochs):
    torch.manual_seed(seed)
    draw = random.Random(seed)
    network = Network(items, attributes, variant)
    training = [sequence[:-2] for sequence in sequences]
    batches = math.ceil(len(training) / BATCH)
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.0, 1 - step / (epochs * batches)))
    mean_rating = sum(rating for s in training for _, rating, _ in s) / sum(len(s) for s in training)
    best = None
    for epoch in range(epochs):
        network.train()
        order = draw.sample(range(len(training)), len(training))
        order.sort(key=lambda user: min(len(training[user]), LENGTH) + 8 * draw.random())
        groups = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        draw.shuffle(groups)
        for group in groups:
            windows = []
            for user in group:
                start = draw.randrange(max(1, len(training[user]) - LENGTH))
                windows.append(training[user][start : start + LENGTH + 1])
            rows = network(*packed([window[:-1] for window in windows]))
            places = [(b, t) for b, window in enumerate(windows) for t in range(len(window) - 1)]
            b, t = torch.tensor(places).T
            following = [windows[i][j + 1] for i, j in places]
            loss = nn.functional.cross_entropy(
                rows[b, t] @ network.catalogue().T, torch.tensor([item for item, _, _ in following]), reduction="none"
            )
            ratings = torch.tensor([float(rating) for _, rating, _ in following])
            if variant == "weighted by rating":
                loss = loss * ratings / mean_rating
            if variant == "low ratings count a third":
                loss = loss * torch.where(ratings >= 4, 1.0, 1 / 3)
            optimiser.zero_grad()
            loss.mean().backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
        if epoch % 2 == 1 or epoch == epochs - 1:
            valid = ndcg(network, sequences, 2)
            if best is None or valid.mean() > best["valid"].mean():
                best = {"epoch": epoch + 1, "valid": valid, "test": ndcg(network, sequences, 1)}
    return best


def gain(candidate, reference):
    differences = candidate - reference
    error = differences.std() / math.sqrt(len(differences))
    return {"gain": round(differences.mean().item(), 4), "standardError": round(error.item(), 4)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    lines, best = [], {}
    settings = {"width": WIDTH, "layers": LAYERS, "maxLength": LENGTH, "epochs": given.epochs, "learningRate": RATE}
    for seed in range(given.seeds):
        sequences, items, attributes = read(given.folder, seed)
        for variant in VARIANTS:
            started = time.time()
            best[seed, variant] = found = train(sequences, items, attributes, variant, seed, given.epochs)
            line = {"told": variant, "seed": seed, "bestEpoch": found["epoch"], "seconds": round(time.time() - started)}
            for part in ("valid", "test"):
                line[part] = round(found[part].mean().item(), 4)
                if variant != "nothing":
                    line[f"{part}Gain"] = gain(found[part], best[seed, "nothing"][part])
            lines.append(line)
            print(json.dumps(line), flush=True)
            if given.out:
                told = {"set": "ml-100k", "torch": torch.__version__, "settings": settings, "fits": lines}
                given.out.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
