"""A running watcher answers the searches of other commands: what they say to each other, and the two ends of it."""
