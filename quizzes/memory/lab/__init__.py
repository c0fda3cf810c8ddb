"""A learner's own reviews as a data set of the sandbox, beside what FSRS says of them."""
