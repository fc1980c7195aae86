"""Past one machine: rounds of training and pieces of tables, carried out by the workers of a Dask cluster."""
