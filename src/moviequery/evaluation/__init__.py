"""What models and data are worth: comparisons, tables and figures."""
