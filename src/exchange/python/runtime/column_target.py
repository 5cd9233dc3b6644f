def _target_means(categories, missing, values, prior):
    place_of = _places(categories, missing)

    def encode(text, out):
        place = place_of(text)
        out.extend(prior if place < 0 else [means[place] for means in values])

    return encode
