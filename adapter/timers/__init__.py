"""Work that is due at times: end of life, retention, notices of certificates. One of all processes does it."""
