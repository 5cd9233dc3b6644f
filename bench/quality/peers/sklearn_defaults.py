"""The best of scikit-learn's own defaults on given folds: the learners that a drafted sweep chooses among."""

import json
import sys
import warnings

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, balanced_accuracy_score, mean_squared_error, roc_auc_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR

warnings.filterwarnings("ignore")
asked = json.load(open(sys.argv[1]))
frame = pd.read_csv(asked["file"])
y = frame[asked["target"]]
X = frame.drop(columns=[asked["target"], *asked["exclude"]])
metric = asked["metric"]
folds = [np.array(fold) for fold in asked["folds"]]
# Rows that are in no fold are the holdout part.
used = np.unique(np.concatenate(folds))
classes = metric != "rmse"

if classes:
    learners = {
        "boosting": HistGradientBoostingClassifier(random_state=0),
        "forest": RandomForestClassifier(random_state=0),
        "extra trees": ExtraTreesClassifier(random_state=0),
        "logistic": LogisticRegression(max_iter=1000),
        "svm": SVC(random_state=0),
        "neighbours": KNeighborsClassifier(),
    }
else:
    learners = {
        "boosting": HistGradientBoostingRegressor(random_state=0),
        "forest": RandomForestRegressor(random_state=0),
        "extra trees": ExtraTreesRegressor(random_state=0),
        "linear": LinearRegression(),
        "ridge": Ridge(),
        "lasso": Lasso(),
        "svm": SVR(),
        "neighbours": KNeighborsRegressor(),
    }


def pipeline(learner):
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include=np.number)),
        (texts, make_column_selector(dtype_exclude=np.number)),
    )
    return make_pipeline(columns, learner)


def score(model, rows):
    truth = y.iloc[rows]
    if metric == "rmse":
        return -mean_squared_error(truth, model.predict(X.iloc[rows])) ** 0.5
    if metric == "rocAuc":
        surer = (
            model.decision_function(X.iloc[rows])
            if hasattr(model, "decision_function")
            else model.predict_proba(X.iloc[rows])[:, 1]
        )
        return roc_auc_score(truth == model.classes_[1], surer)
    of = accuracy_score if metric == "accuracy" else balanced_accuracy_score
    return of(truth, model.predict(X.iloc[rows]))


values = {}
for name, learner in learners.items():
    found = []
    for fold in folds:
        model = pipeline(learner).fit(X.iloc[np.setdiff1d(used, fold)], y.iloc[np.setdiff1d(used, fold)])
        found.append(score(model, fold))
    values[name] = float(np.mean(found))
by = max(values, key=values.get)
print(json.dumps({"value": abs(values[by]), "by": by}))
