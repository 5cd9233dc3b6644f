import collections.abc

_MOST_PROBLEMS = 20
_MOST_LISTED = 5


class _Problems:
    """The mistakes of some rows, told all at once; those that cells of one column have in common are told as one."""

    def __init__(self):
        self.told = []
        self.shared = {}

    def add(self, where, message):
        if len(self.told) < _MOST_PROBLEMS:
            self.told.append([where, message, [], 0])

    def add_cell(self, row, column, broken):
        key = (column, broken.law)
        if key in self.shared:
            told = self.shared[key]
            told[3] += 1
            if len(told[2]) < _MOST_LISTED:
                told[2].append("%s (%s)" % (row, _quoted(broken.found)))
        elif len(self.told) < _MOST_PROBLEMS:
            self.shared[key] = ['%s, column "%s"' % (row, column), broken.message, [], 0]
            self.told.append(self.shared[key])

    def raise_any(self):
        if not self.told:
            return
        where, message, further, count = self.told[0]
        if count > 0:
            more = count - len(further)
            if more > 0:
                listed = "%s and %d more" % (", ".join(further), more)
            else:
                listed = " and ".join(part for part in (", ".join(further[:-1]), further[-1]) if part)
            message += " (so it is with %d further cell%s: %s)" % (count, "" if count == 1 else "s", listed)
        others = len(self.told) - 1
        if others > 0:
            message += " (and %d more problem%s)" % (others, "" if others == 1 else "s")
        raise ValueError("%s: %s" % (where, message))


def _table(rows, columns, place="row %d".__mod__):
    """Rows as people write them, as lists of numbers (NaN: missing) and texts (None: missing) in the order of the columns."""
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):
        rows = rows.to_dict("records")
    if isinstance(rows, (str, bytes, collections.abc.Mapping)) or not isinstance(rows, collections.abc.Iterable):
        raise ValueError("rows are a list of dicts, [{column: value}] (got a %s); put one row into brackets too" % type(rows).__name__)
    rows = list(rows)
    problems = _Problems()
    names = set()
    for i, row in enumerate(rows):
        if isinstance(row, collections.abc.Mapping):
            names.update(row)
        else:
            problems.add(place(i), "a row is a dict, {column: value}")
    problems.raise_any()
    if rows:
        for name, _ in columns:
            if name not in names:
                problems.add("the rows", 'the model was fitted on the column "%s", and it is missing' % name)
        problems.raise_any()
    table = [[] for _ in rows]
    for name, read in columns:
        for i, row in enumerate(rows):
            try:
                table[i].append(read(row.get(name)))
            except _Broken as broken:
                problems.add_cell(place(i), name, broken)
    problems.raise_any()
    return table
