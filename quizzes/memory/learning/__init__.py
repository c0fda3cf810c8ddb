"""How a learner forgets, learnt from the log, and used only where it predicts better."""
