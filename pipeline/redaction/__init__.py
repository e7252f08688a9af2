"""Copies of documents without the personal data in them. The original is never touched."""
