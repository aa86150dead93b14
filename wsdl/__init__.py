"""WSDL of the contract."""
