"""The sections of a report: each is a function from the subject to blocks, none where it has nothing to say."""
