"""Recognition of text in pictures: which engine there is, and the locked process in which it runs."""
