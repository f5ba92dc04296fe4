"""Dataset to models to parsed queries: prompts, the QLoRA recipe, decoding and the parser."""
