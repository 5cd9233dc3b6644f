def _one_hot(categories, missing):
    place_of = _places(categories, missing)
    width = max(1, len(categories))

    def encode(text, out):
        cells = [0.0] * width
        place = place_of(text)
        if place >= 0:
            cells[place] = 1.0
        out.extend(cells)

    return encode
