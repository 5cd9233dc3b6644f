def _relu(value):
    return 0.0 if value <= 0 else value
