"""The learner's record: one SQLite file. Only this package holds SQL."""
