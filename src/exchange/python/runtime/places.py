def _places(categories, missing):
    """The place of a text among the categories; -1 where it is unknown, or missing without a category for that."""
    places = {text: place for place, text in enumerate(categories)}
    of_missing = places.get(missing, -1)
    return lambda text: of_missing if text is None else places.get(text, -1)
