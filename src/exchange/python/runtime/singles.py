import array


def _singles(values):
    """Numbers rounded to single precision."""
    return array.array("f", values)


def _single(value):
    return array.array("f", [value])[0]
