"""What is looked up when somebody scrapes: the numbers of HTTP, the pool of connections, what runs, when keys end."""

import platform
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from ...signing.certificates import Certificate
from ...signing.crls import RevocationList
from . import catalogue
from .catalogue import Family
from .traffic import Traffic


def gauge(family: Family, *samples: tuple[tuple[str, ...], float]) -> Metric:
    """A gauge with its samples: values of the labels, and the value."""
    metric = GaugeMetricFamily(family.name, family.meaning, labels=family.labels)
    for labels, value in samples:
        metric.add_metric(labels, value)
    return metric


def counter(family: Family, *samples: tuple[tuple[str, ...], float]) -> Metric:
    """A counter with its samples."""
    metric = CounterMetricFamily(family.name, family.meaning, labels=family.labels)
    for labels, value in samples:
        metric.add_metric(labels, value)
    return metric


class TrafficCollector(Collector):
    """What a node's HTTP side does."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def collect(self) -> Iterator[Metric]:
        """The numbers as they are now."""
        traffic = self._traffic
        yield gauge(catalogue.CALLS_IN_WORK, ((), traffic.in_work))
        yield gauge(catalogue.CALLS_WAITING, ((), traffic.waiting))
        yield counter(catalogue.OVERLOADED, ((), traffic.overloaded))
        refused = sorted(traffic.refused.copy().items())
        yield counter(catalogue.HTTP_REFUSED, *(((str(status),), count) for status, count in refused))


class PoolCollector(Collector):
    """The connections of this process to the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The numbers as they are now; nothing for a pool that does not count."""
        pool = self._engine.pool
        if isinstance(pool, QueuePool):
            yield gauge(catalogue.POOL_SIZE, ((), pool.size()))
            yield gauge(catalogue.POOL_USED, ((), pool.checkedout()))


class ProcessCollector(Collector):
    """What never changes while a process runs: its version, its key, its revocation lists."""

    def __init__(self, version: str, certificate: Certificate, crls: Iterable[RevocationList]) -> None:
        self._version = version
        self._certificate = certificate
        self._due = next_update(crls)

    def collect(self) -> Iterator[Metric]:
        """The same each time; a list without a next update is never due."""
        yield gauge(catalogue.BUILD, ((self._version, platform.python_version()), 1))
        yield gauge(catalogue.KEY_EXPIRES, ((), self._certificate.not_after.timestamp()))
        if self._due is not None:
            yield gauge(catalogue.CRL_DUE, ((), self._due.timestamp()))


def next_update(crls: Iterable[RevocationList]) -> datetime | None:
    """When the first of the lists in use becomes stale; None if none ever does.

    Of the lists of one authority only the one that lasts longest counts.
    """
    lasting: dict[str, datetime | None] = {}
    for crl in crls:
        known = lasting.get(crl.issuer, crl.next_update)
        if known is None or crl.next_update is None:
            lasting[crl.issuer] = None
        else:
            lasting[crl.issuer] = max(known, crl.next_update)
    return min((due for due in lasting.values() if due is not None), default=None)
