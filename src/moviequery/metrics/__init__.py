"""Answers to counts to scores: the Macro-F1 module and BIO evaluation."""
