"""Search by word: an inverted index that caches the words of SQLite's passages, and is rebuilt when lost or damaged."""
