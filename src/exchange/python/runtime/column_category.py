import math


def _category(categories, missing):
    place_of = _places(categories, missing)

    def encode(text, out):
        place = place_of(text)
        out.append(math.nan if place < 0 else float(place))

    return encode
