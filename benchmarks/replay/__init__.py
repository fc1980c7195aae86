"""Process replay: a refactoring leaves kernels, exported files and trained bits as they were, or says what changed."""
