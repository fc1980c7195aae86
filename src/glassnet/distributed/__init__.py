"""Past one machine: rounds of training and pieces of tables by workers of Dask."""
