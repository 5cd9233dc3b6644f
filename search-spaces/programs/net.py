"""A small network in plain Python, trained as scripts usually are: argparse, epochs, a printed line for each. It knows nothing of Espalier."""
import argparse
import logging
import math
import random

logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
log = logging.getLogger("net")


def make_rows(count, draw):
    rows = []
    for _ in range(count):
        x, y = draw.uniform(-2, 2), draw.uniform(-2, 2)
        rows.append(((x, y), 1.0 if x * y + 0.3 * draw.gauss(0, 1) > 0 else 0.0))
    return rows


class Net:
    def __init__(self, hidden, draw):
        self.inner = [[draw.gauss(0, 1) for _ in range(3)] for _ in range(hidden)]
        self.outer = [draw.gauss(0, 0.3) for _ in range(hidden + 1)]

    def forward(self, x):
        units = [math.tanh(w[0] * x[0] + w[1] * x[1] + w[2]) for w in self.inner]
        z = sum(w * u for w, u in zip(self.outer, units)) + self.outer[-1]
        return units, 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))

    def step(self, x, y, lr, weight_decay):
        units, p = self.forward(x)
        error = p - y
        for j, u in enumerate(units):
            slope = error * self.outer[j] * (1 - u * u)
            self.outer[j] -= lr * (error * u + weight_decay * self.outer[j])
            for i, v in enumerate((x[0], x[1], 1.0)):
                self.inner[j][i] -= lr * (slope * v + weight_decay * self.inner[j][i])
        self.outer[-1] -= lr * error

    def evaluate(self, rows):
        loss, right = 0.0, 0
        for x, y in rows:
            _, p = self.forward(x)
            loss -= math.log(max(p if y else 1 - p, 1e-12))
            right += (p > 0.5) == (y == 1.0)
        return loss / len(rows), right / len(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--hidden", type=int, default=8)
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    draw = random.Random(0)
    train, val = make_rows(120, draw), make_rows(120, draw)
    draw = random.Random(args.seed)
    net = Net(args.hidden, draw)
    log.info("training %d rows, %d hidden units", len(train), args.hidden)
    for epoch in range(args.epochs):
        draw.shuffle(train)
        for x, y in train:
            net.step(x, y, args.lr, args.weight_decay)
        train_loss, _ = net.evaluate(train)
        val_loss, val_acc = net.evaluate(val)
        print(f"epoch {epoch} train_loss={train_loss:.4f} val_loss={val_loss:.4f} val_acc={100 * val_acc:.1f}%")


if __name__ == "__main__":
    main()
