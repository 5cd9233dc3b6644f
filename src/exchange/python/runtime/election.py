def _elected(voters, codes, classes):
    """The class with most votes, of equal ones that of the nearest neighbour, and the shares of the votes."""

    def learner(row):
        places, votes = voters(row)
        out = [0.0] * classes
        total = 0.0
        for place, vote in zip(places, votes):
            out[codes[place]] += vote
            total += vote
        winner = codes[places[0]]
        for place in places[1:]:
            if out[codes[place]] > out[winner]:
                winner = codes[place]
        return winner, [votes_of / total for votes_of in out]

    return learner
