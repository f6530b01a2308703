"""Chunks on disk, and from a question to candidates: HNSW and BM25 over what SQLite keeps."""
