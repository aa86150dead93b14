"""Metrics as Prometheus reads them: one registry a process, its text, and a server for processes that have none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Metric, generate_latest, start_wsgi_server

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Registry(CollectorRegistry):
    """A registry without the moments at which each series was made, which would double the number of series."""

    def collect(self) -> Iterable[Metric]:
        """Every metric with its samples of now."""
        for metric in super().collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


def exposed(registry: Registry) -> bytes:
    """The text of everything that is measured."""
    return generate_latest(registry)


@contextmanager
def serving(registry: Registry, host: str, port: int) -> Iterator[int]:
    """Serves the text at every path of an address, in a thread, until the context ends. Gives the port.

    Port 0 takes a free one. Raises OSError, which names the address, if it cannot be had.
    """
    try:
        server, thread = start_wsgi_server(port, host, registry)
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{host} port {port}") from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
