import heapq
import math


def _nearest(distance, width, points):
    """A function from a row and k to the k nearest training rows: (what they are ordered by, place); of equal ones the first."""
    is_cosine = distance == "cosine"
    rows = [points[first : first + width] for first in range(0, len(points), width)]
    has_direction = [True] * len(rows)
    if is_cosine:
        units = [_unit(row) for row in rows]
        rows = [unit for unit, _ in units]
        has_direction = [length > 0 for _, length in units]
    columns = [list(column) for column in zip(*rows)]

    def nearest(row, k):
        is_zero = False
        if is_cosine:
            row, length = _unit(row)
            is_zero = not length > 0
        sums = [0.0] * len(rows)
        for value, column in zip(row, columns):
            differences = [value - other for other in column]
            if distance == "manhattan":
                sums = [total + abs(one) for total, one in zip(sums, differences)]
            elif distance == "chebyshev":
                sums = [max(total, abs(one)) for total, one in zip(sums, differences)]
            else:
                sums = [total + one * one for total, one in zip(sums, differences)]
        if is_cosine:
            sums = [2.0 if is_zero or not has else total for total, has in zip(sums, has_direction)]
        return heapq.nsmallest(k, zip(sums, range(len(sums))))

    return nearest


def _unit(row):
    """A row divided by its length, and that (of the row divided by its largest entry)."""
    most = 0.0
    for value in row:
        most = max(most, abs(value))
    if most == 0:
        return row, 0.0
    shares = [value / most for value in row]
    squares = 0.0
    for share in shares:
        squares += share * share
    length = math.sqrt(squares)
    return [share / length for share in shares], length


def _neighbours(k, distance, by_distance, width, points, of_rows=None):
    """The k nearest rows with their votes."""
    search = _nearest(distance, width, points)

    def voters(row):
        found = search(row, k)
        places = [place for _, place in found]
        votes = [1.0] * k
        if by_distance:
            lengths = [length for length, _ in found]
            if distance == "euclidean":
                lengths = [math.sqrt(length) for length in lengths]
            elif distance == "cosine":
                lengths = [length / 2 for length in lengths]
            votes = _votes_by_distance(lengths)
        if of_rows is not None:
            weighed = [vote * of_rows[place] for vote, place in zip(votes, places)]
            total = 0.0
            for vote in weighed:
                total += vote
            if total > 0:
                votes = weighed
        return places, votes

    return voters
