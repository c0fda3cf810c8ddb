"""All cards of a learner, found and sorted; the cards that learners make for themselves."""
