"""How the bundled base model is made: download, corpus, tokenizer, encode, train, evaluate, export."""
