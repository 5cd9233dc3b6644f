import math


def _truth_cell(rules):
    def read(value):
        value = _plain(value)
        if value is None:
            return math.nan
        if isinstance(value, bool):
            return 1.0 if value else 0.0
        text = rules.text(_written(value))
        if text is None or text in _LOOSE:
            return math.nan
        word = text.lower()
        if word in rules.truth:
            return rules.truth[word]
        if word in _TRUE:
            return 1.0
        if word in _FALSE:
            return 0.0
        found = _short(_written(value))
        known = ", ".join(list(rules.truth) + ["true, false, yes, no, t, f, y, n, 1, 0"])
        raise _Broken("boolean", "this column holds truth values (%s), and %s is none" % (known, _quoted(found)), found)

    return read
