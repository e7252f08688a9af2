"""Names of persons, organisations and places: found from what a model's middle layer says of each word."""
