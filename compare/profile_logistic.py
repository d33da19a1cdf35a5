"""What a logistic regression on item counts knows of users' gender: the baseline of `recommend profile` on ML-100K.

    python compare/profile_logistic.py ../shared/data/recommendation/ml-100k compare/results/profile-logistic.json

Each user is the set of items he rated; a fifth of the users tests, gender in proportion, five draws. The penalty is chosen
within the other users by five-fold cross-validation of the AUC.
"""

import csv
import json
import platform
import sys
import warnings
from datetime import date

import numpy as np
import scipy.sparse as sparse
import sklearn
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split

folder, out = sys.argv[1:3]
warnings.filterwarnings("ignore")
with open(f"{folder}/u.user", encoding="latin-1") as file:
    gender = {row[0]: int(row[2] == "F") for row in csv.reader(file, delimiter="|")}
users = list(gender)
place = {user: i for i, user in enumerate(users)}
with open(f"{folder}/u.data") as file:
    rows = [(place[user], int(item)) for user, item, *_ in csv.reader(file, delimiter="\t")]
counts = sparse.csr_matrix((np.ones(len(rows)), tuple(zip(*rows))))
# a user of many ratings would else weigh more with each of them
counts = sparse.diags(1 / np.sqrt(np.asarray(counts.sum(1)).ravel())) @ counts
labels = np.array([gender[user] for user in users])
figures = []
for seed in range(5):
    train, test = train_test_split(np.arange(len(users)), test_size=0.2, stratify=labels, random_state=seed)
    model = LogisticRegressionCV(Cs=np.logspace(-1, 3, 9), cv=5, scoring="roc_auc", max_iter=2000, solver="liblinear")
    model.fit(counts[train], labels[train])
    chance = model.predict_proba(counts[test])[:, 1]
    # F1 needs a threshold: that at which as many are called women as there are in training
    called = chance >= np.quantile(model.predict_proba(counts[train])[:, 1], 1 - labels[train].mean())
    figures.append(
        {
            "seed": seed,
            "penalty": float(model.C_[0]),
            "auc": roc_auc_score(labels[test], chance),
            "macro_f1": f1_score(labels[test], called, average="macro"),
            "accuracy": accuracy_score(labels[test], chance >= 0.5),
        }
    )
    print(figures[-1])
names = ["auc", "macro_f1", "accuracy"]
summary = {
    name: {"mean": float(np.mean([f[name] for f in figures])), "deviation": float(np.std([f[name] for f in figures], ddof=1))}
    for name in names
}
majority = {"accuracy": float(1 - labels.mean()), "macro_f1": float(f1_score(labels, np.zeros_like(labels), average="macro"))}
result = {
    "protocol": "ML-100K, gender from the items rated; a fifth of the 943 users tests, five draws",
    "machine": {"processor": platform.processor() or platform.machine(), "sklearn": sklearn.__version__, "date": date.today().isoformat()},
    "logistic_regression": summary,
    "majority": majority,
    "draws": figures,
}
with open(out, "w") as file:
    json.dump(result, file, indent=2)
    file.write("\n")
print(summary, majority)
