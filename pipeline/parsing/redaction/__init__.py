"""Copies of PDF documents from which values are gone: located, painted over, written anew, checked."""
