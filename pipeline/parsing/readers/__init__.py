"""One module for each family of formats: untrusted bytes in, text, pictures and members out. Child process only."""
