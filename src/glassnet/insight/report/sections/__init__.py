"""The sections of a report: each is a function from the subject to markup, or to None where it has nothing to say."""
