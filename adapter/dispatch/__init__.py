"""How messages enter the exchange: written, signed and put into their recipients' queues."""
