"""Fits, predictions and sweeps of scikit-learn and LightGBM, one thread; called by training.ts with its questions as JSON on stdin."""

import json
import statistics
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
try:
    import lightgbm
except ImportError:
    lightgbm = None

from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

loaded = {}


def data(one):
    if one["x"] not in loaded:
        x = np.fromfile(one["x"], dtype="<f8").reshape(one["rows"], one["columns"])
        y = np.fromfile(one["y"], dtype="<f8")
        loaded[one["x"]] = (x, y.astype(int) if one["classes"] else y)
    return loaded[one["x"]]


def score(model, x, y, classes):
    predicted = model.predict(x)
    if classes:
        return float(np.mean(predicted == y))
    return float(1 - np.sum((predicted - y) ** 2) / np.sum((y - y.mean()) ** 2))


def fit(task):
    x, y = data(task["data"])
    held = np.arange(len(y)) % 3 == 2
    make = eval(task["model"], {**globals(), "held": held})
    fits, predictions = [], []
    for _ in range(task["repeats"]):
        model = make({})
        began = time.process_time()
        model.fit(x[~held], y[~held])
        fits.append(time.process_time() - began)
        began = time.process_time()
        model.predict(x[held])
        predictions.append(time.process_time() - began)
    return {
        "fit": 1000 * statistics.median(fits),
        "predict": 1000 * statistics.median(predictions),
        "score": score(model, x[held], y[held], task["data"]["classes"]),
    }


def drafted(params):
    """The estimator that a trial of `espalier init`'s sweep is, over several trainers."""
    name = params["trainer"]
    own = {key.split(".", 1)[1]: value for key, value in params.items() if key.startswith(name + ".")}
    if name.startswith("boosted"):
        of = HistGradientBoostingClassifier if "classifier" in name else HistGradientBoostingRegressor
        return of(
            max_iter=own["rounds"],
            learning_rate=own["learningRate"],
            max_leaf_nodes=own["maxLeaves"],
            min_samples_leaf=own["minSamplesLeaf"],
            max_features=float(own["columnSample"]),
            l2_regularization=own["l2"],
            early_stopping=False,
            random_state=0,
        )
    forests = {
        "forest-classifier": RandomForestClassifier,
        "forest-regressor": RandomForestRegressor,
        "extra-trees-classifier": ExtraTreesClassifier,
        "extra-trees-regressor": ExtraTreesRegressor,
    }
    if name in forests:
        return forests[name](
            own.get("trees", 100),
            max_features=float(own["columnSample"]),
            min_samples_leaf=own["minSamplesLeaf"],
            random_state=0,
        )
    scaled = {
        "softmax-classifier": lambda: LogisticRegression(C=1 / (own["l2"] * own["rows"]), max_iter=2000),
        "linear-regressor": lambda: Ridge(own["l2"] * own["rows"]),
        "svm-classifier": lambda: SVC(C=own["cost"], gamma=own["gamma"], probability=params["probability"]),
        "svm-regressor": lambda: SVR(C=own["cost"], gamma=own["gamma"], epsilon=own.get("epsilon", 0.1)),
        "knn-classifier": lambda: KNeighborsClassifier(own["k"], weights=own["weights"], metric=own["distance"]),
        "knn-regressor": lambda: KNeighborsRegressor(own["k"], weights=own["weights"], metric=own["distance"]),
    }
    own["rows"] = params["rows"]
    return make_pipeline(StandardScaler(), scaled[name]())


def sweep(task):
    x, y = data(task["data"])
    classes = task["data"]["classes"]
    if "heldOut" in task:
        kept = np.random.default_rng(0).permutation(len(y))[int(task["heldOut"] * len(y)) :]
        x, y = x[kept], y[kept]
    folds = (StratifiedKFold if classes else KFold)(5, shuffle=True, random_state=0)
    rows = int(0.8 * len(y))
    make = eval(task["model"], {**globals(), "y": y, "rows": rows})
    best = -np.inf
    began = time.process_time()
    for params in task["params"]:
        scores = []
        for training, held in folds.split(x, y):
            model = make(params).fit(x[training], y[training])
            scores.append(score(model, x[held], y[held], classes))
        best = max(best, float(np.mean(scores)))
    return {"fit": 1000 * (time.process_time() - began), "predict": 0, "score": best}


for line in sys.stdin:
    task = json.loads(line)
    if "lightgbm" in task["model"] and lightgbm is None:
        print("null", flush=True)
        continue
    answer = sweep(task) if "params" in task else fit(task)
    print(json.dumps(answer), flush=True)
