def _prepared(columns, shift=None, scale=None):
    """From a row of the table to the row of numbers that a learner sees."""

    def prepare(row):
        out = []
        for encode, value in zip(columns, row):
            encode(value, out)
        return out if shift is None else [(value - a) / b for value, a, b in zip(out, shift, scale)]

    return prepare
