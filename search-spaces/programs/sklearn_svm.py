"""Cross-validates a support vector machine of scikit-learn: python3 sklearn_svm.py wine.csv params.json"""
import json
import os
import pickle
import sys

import numpy as np
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

data_file, params_file = sys.argv[1:]
with open(params_file) as file:
    params = json.load(file)

table = np.genfromtxt(data_file, delimiter=",", names=True, dtype=None, encoding="utf-8")
target = table["cultivar"]
features = np.column_stack([table[name] for name in table.dtype.names if name != "cultivar"]).astype(float)

model = make_pipeline(StandardScaler(), SVC(**params))
folds = StratifiedKFold(5, shuffle=True, random_state=0)
scores = cross_val_score(model, features, target, cv=folds)

# In the file of reports a line is the object alone.
with open(os.environ["ESPALIER_REPORTS"], "a") as reports:
    for fold, score in enumerate(scores):
        print(json.dumps({"metric": {"accuracy": score}, "step": fold}), file=reports)

    model.fit(features, target)
    model_file = os.path.join(os.environ["ESPALIER_DIRECTORY"], "model.pickle")
    with open(model_file, "wb") as file:
        pickle.dump(model, file)
    print(json.dumps({"artifact": model_file}), file=reports)
    print(json.dumps({"final": {"accuracy": scores.mean(), "accuracyStd": scores.std(ddof=1)}}), file=reports)
