import math


def _power(x, n):
    """x to a whole power, by sums of two doubles: almost always the double nearest to it."""
    x_high, x_low = _halves(x)
    high = 1.0
    low = 0.0
    for _ in range(n):
        product = high * x
        a, b = _halves(high)
        rest = a * x_high - product + a * x_low + b * x_high + b * x_low + low * x
        high = product + rest
        low = rest - (high - product)
        if not math.isfinite(rest):
            high, low = product, 0.0
        if high == 0:
            break
    return high


def _halves(a):
    c = 134217729.0 * a
    high = c - (c - a)
    return high, a - high
