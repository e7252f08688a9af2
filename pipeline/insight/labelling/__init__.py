"""Labels of documents: learned from descriptions and a user's own examples, with probabilities that mean something."""
