"""Models: what they promise (manifest), whether the files keep it (weights), how they are made (build) and run."""
