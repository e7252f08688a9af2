"""Office encryption (MS-OFFCRYPTO): the schemes, and where the encrypted parts of each kind of document lie."""
