"""The command `pipeline`: one module per command, output.py for what they print."""
