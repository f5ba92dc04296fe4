"""Queries to a dataset: typed columns, leak-free splits, Parquet and the loading script."""
