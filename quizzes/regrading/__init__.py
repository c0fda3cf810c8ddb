"""Decisions of instructors about questions that have been answered: judged anew, kept out of memory, taken back."""
