"""Taking results elsewhere: a bundle that a colleague can replay, tables, MLflow runs, a report as one page."""
