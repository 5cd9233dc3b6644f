def _ordinal(categories, missing):
    place_of = _places(categories, missing)
    return lambda text, out: out.append(float(place_of(text)))
