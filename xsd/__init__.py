"""XML schemas of the contract and of the kinds of messages."""
