# What people write into cells: missing values, numbers, truth values, texts.
import json
import math
import re

# What JavaScript takes for blanks.
_BLANKS = "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_MISSING = frozenset(["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "?"])
# They stand for "no value" in columns of numbers and dates.
_LOOSE = frozenset(
    "None,<NA>,NaT,-nan,-NaN,NAN,#N/A,#N/A N/A,#NA,na,n.a.,N.A.,Null,#DIV/0!,#VALUE!,#REF!,#NAME?,#NUM!,#NULL!,#WERT!,#BEZUG!,#ZAHL!,#NV,"
    "1.#QNAN,-1.#QNAN,1.#IND,-1.#IND,(null),\\N,-,--,.".split(",")
)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INFINITE = re.compile("[+-]?(?:inf(?:inity)?|1\\.#inf|\u221e)", re.IGNORECASE)
_TRUE = frozenset(["true", "yes", "t", "y", "1"])
_FALSE = frozenset(["false", "no", "f", "n", "0"])


class _Broken(Exception):
    """A cell that its column cannot hold."""

    def __init__(self, law, message, found):
        super().__init__(message)
        self.law = law
        self.message = message
        self.found = found


class _Rules:
    """How cells are written, where it is not as in a plain file."""

    # Rows in code may have numbers in both notations; a file has one: its "own", as these rules say, or the "plain" one.
    notation = "either"

    def __init__(self, missing=(), decimal=".", thousands=None, units=(), true_values=(), false_values=()):
        self.missing = frozenset(text.strip(_BLANKS) for text in missing)
        self.decimal = decimal
        self.is_plain = decimal == "." and thousands is None and not units
        self.thousands = None
        if thousands is not None:
            mark = "[ \xa0\u202f]" if thousands == " " else "[" + thousands + "]"
            pattern = "[+-]?[0-9]{1,3}(?:" + mark + "[0-9]{3})+(?:[" + decimal + "][0-9]*)?"
            self.thousands = (re.compile(pattern), re.compile(mark))
        self.units = None
        if units:
            # Of two of which one ends with the other, the longer one is meant.
            longest_first = sorted(units, key=lambda unit: -len(unit.encode("utf-16-le", "surrogatepass")))
            one = "|".join(re.escape(unit.strip(_BLANKS)) for unit in longest_first)
            blanks = "[" + _BLANKS + "]*"
            before = re.compile(r"\A([+-]?)" + blanks + "(?:" + one + ")" + blanks)
            self.units = (before, re.compile(blanks + "(?:" + one + r")\Z"))
        self.truth = {}
        for texts, value in ((true_values, 1.0), (false_values, 0.0)):
            for text in texts:
                self.truth[text.strip(_BLANKS).lower()] = value
        self.missing_numbers = frozenset()
        self.missing_numbers = frozenset(
            value for value in (self.number(text.strip(_BLANKS)) for text in missing) if value == value
        )

    def text(self, cell):
        """What a cell says once blanks around it are taken off; None where that is nothing."""
        text = cell.strip(_BLANKS)
        return None if text in _MISSING or text in self.missing else text

    def number(self, text):
        """The finite number that a text holds, else NaN."""
        if self.is_plain:
            return _decimal(text)
        found = self._bare(text)
        if found == found or self.units is None:
            return found
        before, behind = self.units
        left = before.sub(r"\1", behind.sub("", text, count=1), count=1)
        # A unit alone is no 0.
        return math.nan if left == "" else self._bare(left)

    def _bare(self, text):
        if self.thousands is not None and self.thousands[0].fullmatch(text):
            text = self.thousands[1].sub("", text)
        if self.decimal == ".":
            return _decimal(text)
        return math.nan if "." in text else _decimal(text.replace(",", ".", 1))


def _decimal(text):
    """A finite number in plain decimal notation, else NaN: neither inf nor 1_000 nor 0x1F."""
    bare = text.strip(_BLANKS)
    if bare == "":
        return 0.0
    if not _DECIMAL.fullmatch(bare):
        return math.nan
    value = float(bare)
    return value if math.isfinite(value) else math.nan


def _is_infinite(text):
    bare = text.strip(_BLANKS)
    if _DECIMAL.fullmatch(bare):
        return math.isinf(float(bare))
    return bare in ("Infinity", "+Infinity", "-Infinity") or _INFINITE.fullmatch(text) is not None


def _quoted(text):
    return json.dumps(text, ensure_ascii=False)


def _short(text):
    return text if len(text) <= 40 else text[:40] + "\u2026"


def _plain(value):
    """A cell as a number, a text or a truth value; None where there is no value."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, float)):
        return None if value != value else value
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "item"):
        return _plain(value.item())
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "__float__"):
        return _plain(float(value))
    raise _Broken(
        "cell", "a cell is a number, a text, a truth value or None, and this one is a " + type(value).__name__, str(value)
    )


def _written(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _number_text(value)


def _text_cell(rules):
    def read(value):
        value = _plain(value)
        return None if value is None else rules.text(_written(value))

    return read


def _number_cell(rules):
    def read(value):
        value = _plain(value)
        if value is None:
            return math.nan
        if isinstance(value, bool):
            raise _broken_number(_written(value))
        if not isinstance(value, str):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if number in rules.missing_numbers:
                return math.nan
            if math.isinf(number):
                found = "Infinity" if number > 0 else "-Infinity"
                message = "numbers are finite, and %s is not; mend it, or give None where there is no value" % found
                raise _Broken("finite", message, found)
            return number
        text = rules.text(value)
        if text is None or text in _LOOSE:
            return math.nan
        number = math.nan if _Rules.notation == "plain" else rules.number(text)
        if number != number and _Rules.notation != "own":
            number = _decimal(text)
        if number in rules.missing_numbers:
            return math.nan
        if number != number:
            raise _broken_number(value)
        return number

    return read


def _broken_number(text):
    found = _short(text)
    if _is_infinite(text):
        return _Broken(
            "finite",
            "numbers are finite, and %s is not; mend it, or say \"missing\": [%s] where it means that there is no value"
            % (_quoted(found), _quoted(found)),
            found,
        )
    return _Broken("number", "this column holds numbers, and %s is none" % _quoted(found), found)
