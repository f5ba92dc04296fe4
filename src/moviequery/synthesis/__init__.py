"""Graph to queries: the grammar, the builder and the check of what a query claims."""
