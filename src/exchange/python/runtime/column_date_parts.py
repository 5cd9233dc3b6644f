import math


def _date_parts(fills):
    """Year, month, day, weekday (1 is Monday), day of the year, and the hour with minutes as a fraction."""

    def encode(days, out):
        parts = [math.nan] * 6 if days != days else _parts_of(days)
        out.extend(fill if part != part else part for part, fill in zip(parts, fills))

    return encode


def _parts_of(days):
    day = math.floor(days)
    # The civil calendar from the days since 0000-03-01, by eras of 400 years.
    era, of_era = divmod(day + 719468, 146097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + 400 * era + (1 if month <= 2 else 0)
    before = year - 1
    new_year = 365 * before + before // 4 - before // 100 + before // 400 - 719162
    return [
        float(year),
        float(month),
        float(of_year - (153 * shifted + 2) // 5 + 1),
        float((day + 3) % 7 + 1),
        float(day - new_year + 1),
        (days - day) * 24,
    ]
