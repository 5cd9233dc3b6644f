"""Logistic regression by gradient descent, with nothing but Python: a trainer for Espalier in another language."""
import argparse
import json
import math
import os
import random
import sys


def report(**message):
    """Says one thing to Espalier: a marked line on stdout."""
    print("espalier: " + json.dumps(message), flush=True)


def goes_on():
    """Reads the answer to a metric just reported. Without Espalier at the other end there is none."""
    line = sys.stdin.readline()
    return line == "" or json.loads(line)["answer"] == "continue"


def make_rows(count, draw):
    rows = []
    for _ in range(count):
        x = [draw.gauss(0, 1) for _ in range(4)]
        chance = 1 / (1 + math.exp(-(2 * x[0] - 3 * x[1] + 0.5 * x[2] + 0.3)))
        rows.append((x + [1.0], 1 if draw.random() < chance else 0))
    return rows


def log_loss(weights, rows):
    total = 0.0
    for x, y in rows:
        z = sum(w * v for w, v in zip(weights, x))
        # log(1 + e^z) without overflow.
        total += max(z, 0) + math.log1p(math.exp(-abs(z))) - y * z
    return total / len(rows)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=float, required=True)
    options.add_argument("--momentum", type=float, default=0.0)
    options.add_argument("--l2", type=float, required=True)
    given = options.parse_args()
    epochs = int(os.environ.get("ESPALIER_PARAM_EPOCHS", "20"))

    # The same rows for every trial; what is random in training has the trial's seed.
    draw = random.Random(7)
    training, validation = make_rows(200, draw), make_rows(200, draw)
    order = random.Random(int(os.environ.get("ESPALIER_SEED", "0")))

    weights = [0.0] * 5
    velocity = [0.0] * 5
    for epoch in range(epochs):
        order.shuffle(training)
        for start in range(0, len(training), 20):
            batch = training[start : start + 20]
            gradient = [given.l2 * w for w in weights]
            for x, y in batch:
                z = sum(w * v for w, v in zip(weights, x))
                error = 1 / (1 + math.exp(-max(-500.0, min(500.0, z)))) - y
                for i, v in enumerate(x):
                    gradient[i] += error * v / len(batch)
            for i in range(5):
                velocity[i] = given.momentum * velocity[i] - given.rate * gradient[i]
                weights[i] += velocity[i]
        report(metric={"loss": log_loss(weights, validation)}, step=epoch)
        if not goes_on():
            return

    file = os.path.join(os.environ.get("ESPALIER_DIRECTORY", "."), "weights.json")
    with open(file, "w") as out:
        json.dump(weights, out)
    report(artifact=file)
    accuracy = sum((sum(w * v for w, v in zip(weights, x)) > 0) == (y == 1) for x, y in validation) / len(validation)
    report(final={"loss": log_loss(weights, validation), "accuracy": accuracy})


main()
