"""Proves that nothing leaves: escape attempts under the product's own lock, a rehearsal, and a signed attestation."""
