"""What a document is about, from its vectors."""
