"""The folder that `evaluate.load` reads and the Hub serves: one metric, free of this package."""
