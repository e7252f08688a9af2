"""The folder that is watched: events are hints, the scan is the truth, a file counts once it has settled."""
