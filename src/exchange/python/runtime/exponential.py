# The exponential of FreeBSD's msun (Sun Microsystems' e_exp.c), which JavaScript's V8 has too: the one of the platform's C library, math.exp,
# differs from it in last digits. x = k ln 2 + r, and a rational approximation of e^r by its polynomial in r squared.
import math

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LOG2E = 1.44269504088896338700


def _exp(x):
    if x != x:
        return x
    if x > 7.09782712893383973096e02:
        return math.inf
    if x < -7.45133219101941108420e02:
        return 0.0
    size = abs(x)
    k = 0
    high = x
    low = 0.0
    if size >= float.fromhex("0x1.62e43p-2"):
        if size < float.fromhex("0x1.0a2b2p+0"):
            if x == 1.0:
                return 2.718281828459045
            k = 1 if x > 0 else -1
            high = x - k * _LN2_HIGH
            low = k * _LN2_LOW
        else:
            k = int(_LOG2E * x + (0.5 if x > 0 else -0.5))
            high = x - k * _LN2_HIGH
            low = k * _LN2_LOW
        x = high - low
    elif size < float.fromhex("0x1p-28"):
        return 1.0 + x
    t = x * x
    c = x - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    if k == 0:
        return 1.0 - ((x * c) / (c - 2.0) - x)
    y = 1.0 - ((low - (x * c) / (2.0 - c)) - high)
    if k >= -1021:
        return y * 2.0 * float.fromhex("0x1p1023") if k == 1024 else y * math.ldexp(1.0, k)
    return y * math.ldexp(1.0, k + 1000) * float.fromhex("0x1p-1000")
