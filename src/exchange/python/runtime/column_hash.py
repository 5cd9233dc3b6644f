import re


def _hashed(columns, missing):
    """+1 or -1 in one of some columns, by MurmurHash3 (x86, 32 bits, seed 0) of the text's UTF-8."""

    def encode(text, out):
        cells = [0.0] * columns
        if text is None:
            text = missing
        if text is not None:
            value = _murmur(re.sub("[\ud800-\udfff]", "\ufffd", text).encode("utf-8"))
            cells[(value >> 1) % columns] = 1.0 if value & 1 else -1.0
        out.extend(cells)

    return encode


def _scrambled(block):
    k = block * 0xCC9E2D51 & 0xFFFFFFFF
    return (k << 15 | k >> 17) * 0x1B873593 & 0xFFFFFFFF


def _murmur(data):
    whole = len(data) - len(data) % 4
    h = 0
    for at in range(0, whole, 4):
        h ^= _scrambled(int.from_bytes(data[at : at + 4], "little"))
        h = (h << 13 | h >> 19) & 0xFFFFFFFF
        h = (h * 5 + 0xE6546B64) & 0xFFFFFFFF
    if whole < len(data):
        h ^= _scrambled(int.from_bytes(data[whole:], "little"))
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16
