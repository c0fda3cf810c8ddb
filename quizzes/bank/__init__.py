"""Questions of other systems into a course, and out of it: looked at first, item by item, then done."""
