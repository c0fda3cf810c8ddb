"""What a learner remembers: an append-only log of reviews, the state each question is in, what is due."""
