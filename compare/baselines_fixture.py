#!/usr/bin/env python3
"""Reference scores for src/recommend/baselines, by NumPy alone.

  baselines_fixture.py FILE
"""
import json
import sys
from pathlib import Path

import numpy as np

USERS, ITEMS = 60, 23


def sequences(random: np.random.Generator) -> list[list[int]]:
    """Users who like one of three groups of items; some come back to an item. The last item is met by nobody."""
    taste = random.dirichlet(np.full(ITEMS - 1, 0.3), size=3)
    return [
        random.choice(ITEMS - 1, size=random.integers(1, 14), p=taste[random.integers(3)]).tolist()
        for _ in range(USERS)
    ]


def met(train: list[list[int]]) -> np.ndarray:
    """[users, items], 1 where they met."""
    matrix = np.zeros((len(train), ITEMS))
    for user, items in enumerate(train):
        matrix[user, items] = 1
    return matrix


def ease(x: np.ndarray, regularisation: float) -> np.ndarray:
    """Steck 2019, equation 8."""
    p = np.linalg.inv(x.T @ x + regularisation * np.eye(ITEMS))
    weights = -p / np.diag(p)
    np.fill_diagonal(weights, 0)
    return weights


def item_knn(x: np.ndarray, neighbours: int, shrinkage: float) -> np.ndarray:
    """[voter, target]: per target the most similar, of equal ones the lower code."""
    together = x.T @ x
    norm = np.sqrt(np.diag(together))
    similarity = together / (np.outer(norm, norm) + shrinkage + 1e-300)
    np.fill_diagonal(similarity, 0)
    for target in range(ITEMS):
        order = np.argsort(-similarity[:, target], kind="stable")
        similarity[order[neighbours:], target] = 0
    return similarity


def scores(weights: np.ndarray, history: list[int], recency: float) -> list[float]:
    total, weight, done = np.zeros(ITEMS), 1.0, set()
    for item in reversed(history):
        if item not in done:
            total += weight * weights[item]
            weight *= recency
            done.add(item)
    return total.tolist()


def main(path: Path) -> None:
    random = np.random.default_rng(0)
    train = sequences(random)
    x = met(train)
    histories = [train[0], train[1], train[2], [3, 5, 3, 8], [ITEMS - 1], [0]]
    cases = [
        *(({"baseline": "ease", "regularisation": r, "recency": c}, ease(x, r), c) for r, c in [(0.5, 1), (20, 0.7)]),
        *(
            ({"baseline": "itemKnn", "neighbours": n, "shrinkage": s, "recency": c}, item_knn(x, n, s), c)
            for n, s, c in [(ITEMS, 0, 1), (4, 3, 0.5)]
        ),
    ]
    fixture = {
        "madeWith": {"numpy": np.__version__},
        "items": ITEMS,
        "train": train,
        "histories": histories,
        "cases": [{**settings, "scores": [scores(w, h, c) for h in histories]} for settings, w, c in cases],
    }
    path.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1])) if len(sys.argv) == 2 else sys.exit(__doc__)
