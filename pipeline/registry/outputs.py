"""What the outputs of a model are called, for those who write graphs and those who run them."""

OUTPUT = "embedding"  # (1, hidden) float32, of length 1
STATES = "states"  # (1, tokens, hidden) float32; models that torch has exported have none
