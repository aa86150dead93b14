"""Makes spyne 2.14 importable on every Python that the node supports, and hands on the names the bridge needs.

spyne brings an old copy of `six` whose import hook is of a kind that Python 3.12 no longer knows, and that makes every
later import warn on 3.11. The modules that the hook would provide are registered beforehand, and the hook is removed
again. `cgi`, which left the standard library with 3.13, comes from legacy-cgi. What spyne's import warns about is of no
use to anybody, so it is silenced here only.
"""

import collections.abc
import http.cookies
import sys
import urllib.error
import urllib.parse
import urllib.request
import warnings
from types import ModuleType

import six  # type: ignore[import-untyped]

_MOVES = "spyne.util.six.moves"
_STAND_INS: dict[str, ModuleType] = {
    _MOVES: six.moves,
    f"{_MOVES}.collections_abc": collections.abc,
    f"{_MOVES}.http_cookies": http.cookies,
    f"{_MOVES}.urllib": urllib,
    f"{_MOVES}.urllib.error": urllib.error,
    f"{_MOVES}.urllib.parse": urllib.parse,
    f"{_MOVES}.urllib.request": urllib.request,
}

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for _name, _module in _STAND_INS.items():
        sys.modules.setdefault(_name, _module)
    from spyne import AnyXml, Application, MethodContext, ServiceBase, rpc
    from spyne.protocol.soap import Soap11
    from spyne.server import ServerBase
    from spyne.util.appreg import unregister_application

    sys.meta_path[:] = [hook for hook in sys.meta_path if type(hook).__module__ != "spyne.util.six"]

__all__ = [
    "AnyXml",
    "Application",
    "MethodContext",
    "ServerBase",
    "ServiceBase",
    "Soap11",
    "rpc",
    "unregister_application",
]
