"""Query workers: forked, confined, one query at a time."""
