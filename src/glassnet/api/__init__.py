"""What users call that is put together of several rooms below: the estimators, and functions that return them."""
