# The hyperbolic tangent of FreeBSD's msun (Sun Microsystems' s_tanh.c and s_expm1.c), which JavaScript's V8 has too.
import math


def _expm1(x):
    """e^x - 1 for -44 <= x <= 44."""
    size = abs(x)
    k = 0
    c = 0.0
    if size >= float.fromhex("0x1.62e43p-2"):
        if size < float.fromhex("0x1.0a2b2p+0"):
            k = 1 if x > 0 else -1
        else:
            k = int(1.44269504088896338700 * x + (0.5 if x > 0 else -0.5))
        if x < 0 and k < -56:
            return -1.0
        high = x - k * 6.93147180369123816490e-01
        low = k * 1.90821492927058770002e-10
        x = high - low
        c = (high - x) - low
    elif size < float.fromhex("0x1p-54"):
        return x
    half = 0.5 * x
    squares = x * half
    r = 1.0 + squares * (
        -3.33333333333331316428e-02
        + squares
        * (
            1.58730158725481460165e-03
            + squares * (-7.93650757867487942473e-05 + squares * (4.00821782732936239552e-06 + squares * -2.01099218183624371326e-07))
        )
    )
    t = 3.0 - r * half
    e = squares * ((r - t) / (6.0 - x * t))
    if k == 0:
        return x - (x * e - squares)
    e = x * (e - c) - c
    e -= squares
    if k == -1:
        return 0.5 * (x - e) - 0.5
    if k == 1:
        return -2.0 * (e - (x + 0.5)) if x < -0.25 else 1.0 + 2.0 * (x - e)
    if k <= -2 or k > 56:
        return (1.0 - (e - x)) * math.ldexp(1.0, k) - 1.0
    if k < 20:
        return (1.0 - math.ldexp(1.0, -k) - (e - x)) * math.ldexp(1.0, k)
    return (x - (e + math.ldexp(1.0, -k)) + 1.0) * math.ldexp(1.0, k)


def _tanh(x):
    if x != x:
        return x
    size = abs(x)
    if size >= 22:
        z = 1.0
    elif size < float.fromhex("0x1p-28"):
        return x
    elif size >= 1:
        z = 1.0 - 2.0 / (_expm1(2.0 * size) + 2.0)
    else:
        t = _expm1(-2.0 * size)
        z = -t / (t + 2.0)
    return z if x >= 0 else -z
