"""From a parsed query to films of a graph, each with the facts that justify it."""
