"""What the marks of a class say about a quiz and its questions."""
