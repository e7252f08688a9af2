"""The only package that knows SQLite and FAISS. SQLite is the truth; the FAISS file is a cache of it."""
