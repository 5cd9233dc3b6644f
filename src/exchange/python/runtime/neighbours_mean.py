import math


def _mean_of_neighbours(voters, targets):
    def learner(row):
        places, votes = voters(row)
        total = 0.0
        for vote in votes:
            total += vote
        mean = 0.0
        least = math.inf
        most = -math.inf
        for place, vote in zip(places, votes):
            if vote == 0:
                continue
            target = targets[place]
            mean += vote / total * target
            least = min(least, target)
            most = max(most, target)
        return max(least, min(most, mean))

    return learner
