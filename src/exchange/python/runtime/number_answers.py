import math


def _number_answers(model):
    """From rows of the table to finite numbers."""

    def answers(table):
        found = []
        for i, row in enumerate(table):
            answer = model(row)
            if not math.isfinite(answer):
                raise ValueError(
                    "a model answers with a finite number for each row (this one gave %s for row %d); "
                    "the row holds values too large for it" % (_number_text(answer), i)
                )
            found.append((answer, None))
        return found

    return answers
