"""Personal data: where it stands in a text, and of what kind. What it says is never kept."""
