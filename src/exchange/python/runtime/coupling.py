def _machine_probabilities(decisions, labels, slopes, offsets):
    """Sigmoids of the pairs' decisions, coupled (Wu, Lin and Weng 2004, algorithm 2)."""
    classes = len(labels)

    def learner(row):
        found = decisions(row)
        r = [[0.0] * classes for _ in range(classes)]
        pair = 0
        for a in range(classes):
            for b in range(a + 1, classes):
                p = 1.0 / (1.0 + _exp(found[pair] * slopes[pair] + offsets[pair]))
                p = min(max(p, 1e-7), 1.0 - 1e-7)
                r[a][b] = p
                r[b][a] = 1.0 - p
                pair += 1
        shares = _coupled(r, classes)
        out = [0.0] * classes
        for label, share in zip(labels, shares):
            out[label] = share
        return labels[_voted(found, classes)], out

    return learner


def _coupled(r, classes):
    p = [1.0 / classes] * classes
    q = [[0.0] * classes for _ in range(classes)]
    for a in range(classes):
        for b in range(classes):
            if b != a:
                q[a][a] += r[b][a] * r[b][a]
                q[a][b] = -r[b][a] * r[a][b]
    for _ in range(max(100, classes)):
        quadratic = 0.0
        product = [0.0] * classes
        for a in range(classes):
            for b in range(classes):
                product[a] += q[a][b] * p[b]
            quadratic += p[a] * product[a]
        if max(abs(one - quadratic) for one in product) < 0.005 / classes:
            break
        for a in range(classes):
            step = (quadratic - product[a]) / q[a][a]
            p[a] += step
            quadratic = (quadratic + step * (step * q[a][a] + 2.0 * product[a])) / (1.0 + step) / (1.0 + step)
            for b in range(classes):
                product[b] = (product[b] + step * q[a][b]) / (1.0 + step)
                p[b] /= 1.0 + step
    total = 0.0
    for share in p:
        total += share
    return [share / total for share in p]
