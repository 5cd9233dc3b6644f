def _libsvm_decisions(kernels, coefficients, rho, counts):
    """Decisions of the pairs of classes (0,1), (0,2) ..."""
    size = sum(counts)
    lines = [coefficients[line * size : (line + 1) * size] for line in range(len(counts) - 1)]
    blocks = []
    first = 0
    for count in counts:
        blocks.append(range(first, first + count))
        first += count

    def decisions(row):
        values = kernels(row)
        found = []
        for a in range(len(blocks)):
            for b in range(a + 1, len(blocks)):
                total = 0.0
                line = lines[b - 1]
                for s in blocks[a]:
                    total += line[s] * values[s]
                line = lines[a]
                for s in blocks[b]:
                    total += line[s] * values[s]
                found.append(total - rho[len(found)])
        return found

    return decisions
