"""What is asked on a day, and what a learner wants of it: beside the states, never in them."""
