def _number(fill):
    def encode(value, out):
        out.append(fill if value != value else value)

    return encode
