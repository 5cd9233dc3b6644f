import math


def _votes_by_distance(distances):
    """1/distance of neighbours, the nearest first; where there are zeros, 1 for them alone."""
    nearest = distances[0]
    if nearest == 0 or nearest == math.inf:
        return [1.0 if distance == nearest else 0.0 for distance in distances]
    return [(nearest if nearest < 1e-290 else 1.0) / distance for distance in distances]
