"""pyftpdlib as this room imports it. On Python 3.11 it stands on asyncore, which warns of its end; from 3.12 on it
brings a copy of its own.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import AuthenticationFailed
    from pyftpdlib.exceptions import FilesystemError
    from pyftpdlib.filesystems import AbstractedFS
    from pyftpdlib.handlers import DTPHandler, FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import ThreadedFTPServer

__all__ = [
    "AbstractedFS",
    "AuthenticationFailed",
    "DTPHandler",
    "FTPHandler",
    "FilesystemError",
    "IOLoop",
    "ThreadedFTPServer",
]
