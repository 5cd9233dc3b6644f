import array
import base64
import sys


def _array(code, text):
    """Numbers that stand here as base64 of their little-endian bytes; `code` is that of Python's module array."""
    found = array.array(code)
    found.frombytes(base64.b64decode(text))
    if sys.byteorder == "big":
        found.byteswap()
    return found.tolist()
