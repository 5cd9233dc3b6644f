def predict_proba(rows):
    """The probability of each class, a dict for each row, a dict {column: value}. Raises ValueError for rows that do not fit."""
    return [_probabilities(given, i) for i, (_, given) in enumerate(_answers(_table(rows, _COLUMNS)))]


def _probabilities(given, row):
    for p in given:
        if not (p >= 0 and p <= 1 + 1e-9):
            raise ValueError(
                "a probability is from 0 to 1 (the model gave %s for row %d); the row holds values too large for it"
                % (_number_text(p), row)
            )
    return dict(zip(CLASSES, given))
