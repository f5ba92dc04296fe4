"""Tables become a knowledge graph: readers, the concept vocabulary, the graph and its index."""
