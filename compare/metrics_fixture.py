#!/usr/bin/env python3
"""Reference figures for src/evaluation, by scikit-learn and NumPy.

  metrics_fixture.py FILE
"""
import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

BINS = 15


def expected_calibration_error(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Guo et al. 2017, equation 3, bin by bin."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == targets
    error = 0.0
    for low, high in zip(np.arange(BINS) / BINS, np.arange(1, BINS + 1) / BINS):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return float(error)


def case(name: str, random: np.random.Generator, targets: np.ndarray, classes: int, sharpness: float) -> dict:
    """Log-scores, up to a constant per row, that lean towards the right label."""
    scores = random.normal(size=(len(targets), classes)) + sharpness * np.eye(classes)[targets]
    scores = (scores * 2 - 7 * random.random((len(targets), 1))).astype(np.float32)
    exact = scores.astype(np.float64)
    probabilities = np.exp(exact) / np.exp(exact).sum(axis=1, keepdims=True)
    predictions = exact.argmax(axis=1)
    labels = list(range(classes))
    precision, recall, f1, examples = precision_recall_fscore_support(
        targets, predictions, labels=labels, zero_division=0
    )
    return {
        "name": name,
        "classes": classes,
        "scores": scores.ravel().tolist(),
        "targets": targets.tolist(),
        "accuracy": accuracy_score(targets, predictions),
        "macroF1": f1_score(targets, predictions, average="macro"),
        "nll": log_loss(targets, probabilities, labels=labels),
        "expectedCalibrationError": expected_calibration_error(probabilities, targets),
        "confusion": confusion_matrix(targets, predictions, labels=labels).tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "examples": examples.tolist(),
    }


def main(path: Path) -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=23)
    fixture = {
        "madeWith": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
        "cases": [
            case("two labels", random, random.integers(0, 2, 120), 2, 1.0),
            case("five labels, one rare", random, random.choice(5, 150, p=[0.4, 0.3, 0.2, 0.09, 0.01]), 5, 1.5),
            case("labels that never occur", random, random.integers(0, 2, 40), 6, 3.0),
            case("overconfident", random, random.integers(0, 3, 90), 3, 0.2),
        ],
        "percentiles": {
            "values": values.tolist(),
            "shares": [0, 0.025, 0.5, 0.77, 0.975, 1],
            "expected": np.quantile(values, [0, 0.025, 0.5, 0.77, 0.975, 1]).tolist(),
        },
    }
    path.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1])) if len(sys.argv) == 2 else sys.exit(__doc__)
