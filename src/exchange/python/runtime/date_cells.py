# Dates as days since 1970-01-01, with the time of day as a fraction.
import datetime
import math
import re

_MS_A_DAY = 86400000
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DATE_PARTS = {
    "YYYY": ("year", "[0-9]{4}"),
    "YY": ("year", "[0-9]{2}"),
    "MM": ("month", "[0-9]{2}"),
    "M": ("month", "[0-9]{1,2}"),
    "DD": ("day", "[0-9]{2}"),
    "D": ("day", "[0-9]{1,2}"),
    "HH": ("hour", "[0-9]{2}"),
    "H": ("hour", "[0-9]{1,2}"),
    "mm": ("minute", "[0-9]{2}"),
    "ss": ("second", r"[0-9]{2}(?:\.[0-9]{1,9})?"),
}


def _midnight(year, month, day):
    """Milliseconds since 1970; None where there is no such day."""
    # Years below 100 are none here: JavaScript takes them for those of 19xx.
    if year < 100:
        return None
    try:
        return (datetime.date(year, month, day).toordinal() - 719163) * _MS_A_DAY
    except ValueError:
        return None


def _iso_days(text):
    found = _ISO.fullmatch(text)
    if found is None:
        return math.nan
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    midnight = _midnight(year, month, day)
    if midnight is None or hour > 23 or minute > 59 or second > 59:
        return math.nan
    ms = ((hour * 60 + minute) * 60 + second) * 1000 + float("0." + (found.group(7) or "0")) * 1000
    zone = found.group(8)
    offset = 0
    if zone is not None and zone != "Z":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        offset = (-minutes if zone[0] == "-" else minutes) * 60000
    return (midnight + ms - offset) / _MS_A_DAY


def _date_format(written):
    """A reader of dates as in DD.MM.YYYY."""
    pattern = ""
    names = []
    at = 0
    for found in re.finditer("YYYY|YY|MM|M|DD|D|HH|H|mm|ss", written):
        name, part = _DATE_PARTS[found.group()]
        pattern += re.escape(written[at : found.start()]) + "(" + part + ")"
        names.append(name)
        at = found.end()
    whole = re.compile(pattern + re.escape(written[at:]))

    def days(text):
        found = whole.fullmatch(text)
        if found is None:
            return math.nan
        parts = dict(zip(names, found.groups()))
        year = int(parts["year"])
        if len(parts["year"]) == 2:
            year += 2000 if year < 69 else 1900
        midnight = _midnight(year, int(parts["month"]), int(parts["day"]))
        hour, minute, second = int(parts.get("hour", 0)), int(parts.get("minute", 0)), float(parts.get("second", 0))
        if midnight is None or hour > 23 or minute > 59 or second >= 60:
            return math.nan
        return (midnight + ((hour * 60 + minute) * 60 + second) * 1000) / _MS_A_DAY

    return days


def _date_cell(rules, written=None):
    other = None if written is None else _date_format(written)

    def read(value):
        value = _plain(value)
        if value is None:
            return math.nan
        text = rules.text(_written(value))
        if text is None or text in _LOOSE:
            return math.nan
        days = _iso_days(text)
        if days != days and other is not None:
            days = other(text)
        if days == days:
            return days
        found = _short(_written(value))
        stated = "" if other is None else ' or as "dateFormat" says'
        raise _Broken(
            "date",
            "this column holds dates, written 2024-03-31 or 2024-03-31T13:45:00Z%s, and %s is none" % (stated, _quoted(found)),
            found,
        )

    return read
