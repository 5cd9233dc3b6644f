import argparse
import csv
import io
import json
import sys


def _read(text, separator):
    """The rows of a file as dicts, and where each stands. JSON where it begins like that, else CSV with a header."""
    text = text[1:] if text.startswith("\ufeff") else text
    start = text.lstrip()[:1]
    if start == "[":
        rows = json.loads(text)
        return rows, "row %d".__mod__
    if start == "{":
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        rows = []
        for number, line in lines:
            try:
                rows.append(json.loads(line))
            except ValueError as error:
                raise ValueError("line %d: one JSON object a line (%s)" % (number, error)) from None
        return rows, lambda i: "line %d" % lines[i][0]
    csv.field_size_limit(1 << 30)
    # As Excel reads and writes it. The end of that line stays, so that lines keep their numbers.
    stated = re.match(r'"?sep=([\t !#$%&*,./:;<=>?@^_`|~-])"?(?=[\r\n]|\Z)', text, re.IGNORECASE)
    if stated:
        text = text[stated.end() :]
        separator = separator or stated.group(1)

    def records(separator):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return ((reader.line_num, cells) for cells in reader if cells)

    if separator is None:
        wanted = set(SIGNATURE)
        for separator in (",", ";", "\t", "|"):
            _, header = next(records(separator), (0, []))
            if wanted <= {name.strip() for name in header}:
                break
        else:
            separator = ","
    found = list(records(separator))
    if not found:
        raise ValueError("a file of rows begins with a header (this one is empty)")
    (line, header), lines = found[0], found[1:]
    header, width = _header(header, lines[0][1] if lines else None)
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise ValueError('line %d: a header names each column once ("%s" is there twice)' % (line, twice[0]))
    rows = []
    for line, cells in lines:
        if len(cells) != width:
            raise ValueError("line %d: a line has as many cells as the header, %d (got %d)" % (line, width, len(cells)))
        if _used(cells) > len(header):
            raise ValueError("line %d: a cell has a name in the header, and cell %d has none" % (line, _used(cells)))
        rows.append(dict(zip(header, cells)))
    return rows, lambda i: "line %d" % lines[i][0]


def _header(written, first):
    """The names of the columns, and how many cells a line has: they may end with a separator."""
    header = [name.strip() for name in written]
    width = len(header) if first is None else len(first)
    used = _used(header)
    if len(header) <= width <= len(header) + 1 and 0 < used < width and (first is None or _used(first) <= used):
        return header[:used], width
    return header, len(header)


def _used(cells):
    """Up to the last cell that is not empty."""
    return max((i for i, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _csv_cell(value):
    if not isinstance(value, str):
        return "-0" if str(value) == "-0.0" else _number_text(value)
    # Spreadsheets run such texts as formulas.
    bare = value.lstrip()
    if len(bare) > 1 and bare[0] in "=+-@\uff1d\uff0b\uff0d\uff20" and not _DECIMAL.fullmatch(bare.strip()):
        value = "'" + value
    if any(mark in value for mark in '",\r\n') or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def _main():
    parser = argparse.ArgumentParser(
        description="Predicts %s for rows of a CSV with a header, of JSON lines, or of a list in JSON; CSV on stdout." % TARGET
    )
    parser.add_argument("data", nargs="?", default="-", help="the file; - or none: standard input")
    parser.add_argument("--probabilities", action="store_true", help="also the probability of each class")
    parser.add_argument("--separator", help="between the cells of the CSV; found out unless stated")
    options = parser.parse_args()
    if options.probabilities and _PROBABILITIES is None:
        parser.error("this model has no probabilities; leave out --probabilities")
    try:
        if options.data == "-":
            text = sys.stdin.buffer.read().decode("utf-8")
        else:
            with open(options.data, encoding="utf-8", newline="") as file:
                text = file.read()
        rows, place = _read(text, options.separator)
        try:
            _Rules.notation = "own"
            table = _table(rows, _COLUMNS, place)
        except ValueError as mistake:
            _Rules.notation = "plain"
            try:
                table = _table(rows, _COLUMNS, place)
            except ValueError:
                raise mistake from None
        answers = _answers(table)
        lines = [["prediction"]]
        if options.probabilities:
            lines[0] += ["probability_" + name for name in CLASSES]
        for i, (answer, given) in enumerate(answers):
            lines.append([answer] + (list(_PROBABILITIES(given, i).values()) if options.probabilities else []))
    except (OSError, ValueError, csv.Error) as error:
        sys.stderr.write("%s: %s\n" % (options.data, error))
        return 2
    names = {name for row in rows for name in row} - set(SIGNATURE) - {TARGET}
    if names:
        sys.stderr.write("warning: the model does not use %s\n" % ", ".join('"%s"' % name for name in sorted(names)))
    sys.stdout.buffer.write("".join(",".join(map(_csv_cell, line)) + "\n" for line in lines).encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
