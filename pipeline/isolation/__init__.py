"""What a process may do and how it ends. The only package that touches sockets, limits and process identity."""
