"""What a model costs and what quantization cost it, measured on this machine and, if asked, on the user's documents."""
