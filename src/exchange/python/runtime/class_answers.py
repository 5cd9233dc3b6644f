def _class_answers(model, classes):
    """From rows of the table to classes with their probabilities."""

    def answers(table):
        found = []
        for row in table:
            place, given = model(row)
            found.append((classes[place], given))
        return found

    return answers
