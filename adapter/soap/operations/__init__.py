"""One module per operation of the contract."""
