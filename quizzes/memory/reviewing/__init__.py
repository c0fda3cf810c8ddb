"""The daily review: a card, its answer, its rating, and what else may be done to it."""
