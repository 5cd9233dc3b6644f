# Support vector machines in single precision, sums of kernels in double precision.
import math

_ENTRY = 1e15
_BOUND = _single(1e30)


def _decisions(kernel, gamma, coef0, degree, centre, factor, vectors, coefficients, rho, counts):
    """Decisions of the pairs of classes (0,1), (0,2) ...; of a regression the one."""
    width = len(centre)
    size = sum(counts)
    columns = [_singles(vectors[j::width]) for j in range(width)]
    lines = [coefficients[line * size : (line + 1) * size] for line in range(max(1, len(counts) - 1))]
    blocks = []
    first = 0
    for count in counts:
        blocks.append((first, first + count))
        first += count

    def kernels(row):
        cells = _singles([max(-_ENTRY, min(_ENTRY, (value - middle) * factor)) for value, middle in zip(row, centre)])
        sums = _singles([0.0] * size)
        for value, column in zip(cells, columns):
            if kernel == "rbf":
                parts = _singles([value - other for other in column])
                parts = _singles([part * part for part in parts])
            else:
                parts = _singles([value * other for other in column])
            sums = _singles([total + part for total, part in zip(sums, parts)])
        if kernel == "linear":
            return sums
        if kernel == "rbf":
            return _single_exponentials([-gamma * total for total in sums])
        bases = _singles([gamma * total for total in sums])
        bases = _bounded([base + coef0 for base in bases])
        if kernel == "polynomial":
            powers = bases
            for _ in range(1, degree):
                powers = _bounded([power * base for power, base in zip(powers, bases)])
            return powers
        powers = _single_exponentials([abs(base) * -2.0 for base in bases])
        below, above = _singles([1.0 - power for power in powers]), _singles([1.0 + power for power in powers])
        return [math.copysign(value, base) for value, base in zip(_singles([a / b for a, b in zip(below, above)]), bases)]

    def decisions(row):
        values = kernels(row)

        def total(line, block):
            first, end = blocks[block]
            even = 0.0
            for s in range(first, end, 2):
                even += line[s] * values[s]
            odd = 0.0
            for s in range(first + 1, end, 2):
                odd += line[s] * values[s]
            return even + odd

        if len(blocks) == 1:
            return [total(lines[0], 0) - rho[0]]
        found = []
        for a in range(len(blocks)):
            for b in range(a + 1, len(blocks)):
                found.append(total(lines[b - 1], a) + total(lines[a], b) - rho[len(found)])
        return found

    return decisions


def _bounded(values):
    return _singles([max(-_BOUND, min(_BOUND, value)) for value in _singles(values)])


_SINGLE_LOG2E, _SINGLE_LN2_HIGH, _SINGLE_LN2_LOW = _singles([1.44269504, 0.693359375, -0.000212194440054690583])
_SINGLE_TERMS = _singles([1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0])


def _single_exponentials(values):
    """e^x in single precision, for x up to 0 and from -87: by Cody and Waite, and Taylor's polynomial."""
    xs = [max(-87.0, x) for x in _singles(values)]
    shifted = _singles([x + 12582912.0 for x in _singles([x * _SINGLE_LOG2E for x in xs])])
    whole = [x - 12582912.0 for x in shifted]
    rests = _singles([x - part for x, part in zip(xs, _singles([n * _SINGLE_LN2_HIGH for n in whole]))])
    rests = _singles([rest - part for rest, part in zip(rests, _singles([n * _SINGLE_LN2_LOW for n in whole]))])
    sums = [_SINGLE_TERMS[0]] * len(xs)
    for term in _SINGLE_TERMS[1:]:
        sums = _singles([product + term for product in _singles([total * rest for total, rest in zip(sums, rests)])])
    return _singles([math.ldexp(total, int(n)) for total, n in zip(sums, whole)])
