"""A machine without the gost engine: GOST ends in an error that says how to get it, everything else works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mezhved.signing.algorithms import GOST2012_256, STREEBOG256
from mezhved.signing.authority import create_authority
from mezhved.signing.errors import ProviderUnavailable
from mezhved.signing.keys import dump_pkcs12
from mezhved.signing.providers.openssl_gost import OpenSslGost
from mezhved.signing.trust import TrustStore
from support.certificates import BEGIN, END, NOW, authority, system

NO_ENGINE = OpenSslGost(engine="no-such-engine")


@pytest.mark.parametrize(
    "call",
    [
        lambda: NO_ENGINE.digest(STREEBOG256, b""),
        lambda: NO_ENGINE.load_key(b"-----BEGIN PRIVATE KEY-----"),
        lambda: NO_ENGINE.verify(GOST2012_256, system("gost256-tc26-a").certificate, b"", bytes(64)),
        lambda: TrustStore([authority("gost256-tc26-a").certificate], gost=NO_ENGINE).check(
            system("gost256-tc26-a").certificate, NOW
        ),
    ],
    ids=["digest", "key", "verify", "trust"],
)
def test_gost_without_the_engine_says_how_to_get_it(call) -> None:
    with pytest.raises(ProviderUnavailable, match=r"no-such-engine.*apt-get install libengine-gost-openssl"):
        call()


def test_the_report_says_how_to_get_it() -> None:
    found = NO_ENGINE.availability()
    assert not found.works
    assert "apt-get install libengine-gost-openssl" in found.detail


def test_the_engine_is_found_without_a_restart_once_it_is_installed() -> None:
    provider = OpenSslGost(engine="no-such-engine")
    with pytest.raises(ProviderUnavailable):
        provider.load()
    with pytest.raises(ProviderUnavailable):
        provider.load()


def test_other_chains_are_judged_beside_gost_anchors() -> None:
    anchors = [authority("gost256-tc26-a").certificate, authority("p256").certificate]
    TrustStore(anchors, gost=NO_ENGINE).check(system("p256").certificate, NOW)


def test_a_common_key_certified_by_gost_needs_gost() -> None:
    root = authority("gost256-tc26-a")
    leaf = root.issue("CN=RSA under GOST", key_type="p256", serial=7, valid_from=BEGIN, valid_to=END)
    with pytest.raises(ProviderUnavailable):
        TrustStore([root.certificate], gost=NO_ENGINE).check(leaf.certificate, NOW)
    TrustStore([root.certificate]).check(leaf.certificate, NOW)


SCENARIO = """
import pathlib
import sys
from datetime import UTC, datetime
from mezhved.signing.authority import create_authority
from mezhved.signing.certificates import Certificate, load_pem_many
from mezhved.signing.errors import KeyUnusable, ProviderUnavailable
from mezhved.signing.keys import dump_pkcs12, load_pem, load_pkcs12
from mezhved.signing.providers import provider_for
from mezhved.signing.trust import TrustStore

begin, now, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (2026, 2027, 2030))
for kind in ("rsa2048", "p256"):
    root = create_authority(kind, "CN=Root", valid_from=begin, valid_to=end)
    issued = root.issue("CN=System", key_type=kind, serial=2, valid_from=begin, valid_to=end)
    crl = root.make_crl(number=1, this_update=begin, next_update=end)
    TrustStore([root.certificate], crls=[crl], require_crl=True).check(issued.certificate, now)
    key = load_pkcs12(dump_pkcs12(issued.signing_key(), "secret"), "secret")
    provider_for(key.algorithm).verify(key.algorithm, key.certificate, b"abc", key.sign(b"abc"))
    try:
        load_pkcs12(dump_pkcs12(key, "secret"), "wrong")
    except KeyUnusable:
        print(kind)

folder = sys.argv[1]
read = lambda name: pathlib.Path(folder, name).read_bytes()
for attempt in (
    lambda: create_authority("gost256", "CN=Root", valid_from=begin, valid_to=end),
    lambda: load_pem(read("gost.pem"), read("gost.pem")),
    lambda: load_pkcs12(read("gost.p12"), "secret"),
    # A chain of common keys under a GOST root.
    lambda: TrustStore(load_pem_many(read("root.pem")), load_pem_many(read("between.pem"))).check(
        Certificate.from_pem(read("below.pem")), now
    ),
):
    try:
        attempt()
    except ProviderUnavailable as error:
        assert "apt-get install libengine-gost-openssl" in str(error), error
        print(error.code)
"""


def test_a_process_that_cannot_find_the_engine(tmp_path: Path) -> None:
    """The real thing: libcrypto is told by OPENSSL_ENGINES to look where there is nothing."""
    issued = system("gost256-tc26-a")
    (tmp_path / "gost.pem").write_bytes(issued.key_pem + issued.certificate.to_pem())
    (tmp_path / "gost.p12").write_bytes(dump_pkcs12(issued.signing_key(), "secret"))
    root = authority("gost256-tc26-a")
    between = root.issue_authority("CN=Between", key_type="p256", serial=8, valid_from=BEGIN, valid_to=END)
    below = between.issue("CN=Below", key_type="p256", serial=9, valid_from=BEGIN, valid_to=END)
    for name, one in {"root": root, "between": between, "below": below}.items():
        (tmp_path / f"{name}.pem").write_bytes(one.certificate.to_pem())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCENARIO, str(tmp_path)],
        env={**os.environ, "OPENSSL_ENGINES": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["rsa2048", "p256", *["PROVIDER_UNAVAILABLE"] * 4]


def test_the_engine_does_not_need_a_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "openssl.cnf").write_text("")
    code = "from mezhved.signing.providers import openssl_gost; print(openssl_gost().availability().works)"
    system("gost256-tc26-a")  # skips without the engine
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "OPENSSL_CONF": str(tmp_path / "openssl.cnf")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "True", done.stderr


def test_making_gost_certificates_needs_the_engine_only_for_gost() -> None:
    create_authority("p256", "CN=Root", valid_from=BEGIN, valid_to=END)
