"""`python -m pipeline` is the command `pipeline`."""

from pipeline.interfaces.cli.main import main

main()
