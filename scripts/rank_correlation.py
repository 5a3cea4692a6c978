"""Spearman's rank correlation, for the scripts that compare orders of networks."""


def ranks(values):
    """Places in order, from 0; equals share the mean of theirs."""
    order = sorted(values)
    first = {value: i for i, value in reversed(list(enumerate(order)))}
    last = {value: i for i, value in enumerate(order)}
    return [(first[value] + last[value]) / 2 for value in values]


def correlation(a, b):
    """Pearson's; 0 where a side is constant."""
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    product = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    squares = sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)
    return product / squares ** 0.5 if squares else 0.0


def spearman(a, b):
    return correlation(ranks(a), ranks(b))
