def _network(sizes, activation, theta):
    """The outputs of a dense network: weights (inputs x outputs) and biases stand in theta, layer by layer."""
    layers = []
    at = 0
    for inputs, width in zip(sizes, sizes[1:]):
        rows = [theta[at + i * width : at + (i + 1) * width] for i in range(inputs)]
        at += inputs * width
        layers.append((rows, theta[at : at + width]))
        at += width

    def outputs(row):
        for number, (weights, biases) in enumerate(layers):
            out = biases
            whole = len(weights) - len(weights) % 4
            for k in range(0, whole, 4):
                a, b, c, d = row[k : k + 4]
                if a == 0 and b == 0 and c == 0 and d == 0:
                    continue
                out = [
                    total + (a * p + b * q + c * r + d * s)
                    for total, p, q, r, s in zip(out, weights[k], weights[k + 1], weights[k + 2], weights[k + 3])
                ]
            for k in range(whole, len(weights)):
                a = row[k]
                out = [total + a * p for total, p in zip(out, weights[k])]
            row = out if number == len(layers) - 1 else [activation(value) for value in out]
        return row

    return outputs
