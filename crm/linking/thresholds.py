"""From which confidence a link acts by itself, and from which it is shown for review."""

LINK = 0.58
REVIEW = 0.3
