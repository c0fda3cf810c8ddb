"""What today holds and why, and what the reviews of a learner add up to."""
