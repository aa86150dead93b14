"""The kinds of messages there are: the register's own, and those that the operator has declared for other providers."""
