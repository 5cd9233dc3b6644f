def predict(rows):
    """What is predicted for each row, a dict {column: value}. Raises ValueError for rows that do not fit."""
    return [answer for answer, _ in _answers(_table(rows, _COLUMNS))]
