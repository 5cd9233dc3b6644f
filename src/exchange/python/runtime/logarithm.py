# The logarithm of FreeBSD's msun (Sun Microsystems' e_log.c), which JavaScript's V8 has too: x = 2^k (1 + f), and a polynomial in
# s = f/(2 + f).
import math
import struct


def _log(x):
    if x != x:
        return x
    if x == 0:
        return -math.inf
    if x < 0:
        return math.nan
    if x == math.inf:
        return x
    k = 0
    if x < float.fromhex("0x1p-1022"):
        k = -54
        x *= float.fromhex("0x1p54")
    bits = struct.unpack("<Q", struct.pack("<d", x))[0]
    upper = bits >> 32
    k += (upper >> 20) - 1023
    upper &= 0xFFFFF
    i = (upper + 0x95F64) & 0x100000
    k += i >> 20
    f = struct.unpack("<d", struct.pack("<Q", (upper | (i ^ 0x3FF00000)) << 32 | bits & 0xFFFFFFFF))[0] - 1.0
    high = k * 6.93147180369123816490e-01
    low = k * 1.90821492927058770002e-10
    if (0xFFFFF & (2 + upper)) < 3:
        if f == 0:
            return high + low
        r = f * f * (0.5 - 0.33333333333333333 * f)
        return f - r if k == 0 else high - ((r - low) - f)
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    r = odd + even
    if (upper - 0x6147A) | (0x6B851 - upper) > 0:
        half = 0.5 * f * f
        if k == 0:
            return f - (half - s * (half + r))
        return high - ((half - (s * (half + r) + low)) - f)
    if k == 0:
        return f - s * (f - r)
    return high - ((s * (f - r) - low) - f)
