"""What a provider's commands refuse before anything is sent."""

from pathlib import Path

import pytest
from mezhved.adapter.cli import build_app
from typer.testing import CliRunner


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give either a file with content, or --reject, or --status"),
        (("content.xml", "--reject", "NO_DATA:нет"), "give either"),
        (("content.xml", "--status", "1:идёт"), "give either"),
        (("--reject", "NO_DATA"), "write REASON:TEXT"),
        (("--reject", "NO_DATA: "), "write REASON:TEXT"),
        (("--reject", "BECAUSE:так"), "ACCESS_DENIED"),
        (("--status", "soon:идёт"), "whole number"),
        (("--status", "10"), "write CODE:TEXT"),
        (("missing.xml",), "missing.xml: No such file"),
        (("broken.xml",), "CONTENT_UNUSABLE"),
    ],
)
def test_an_answer_that_is_none_is_told_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.xml").write_text("<a>", encoding="utf-8")
    result = CliRunner().invoke(build_app(), ["answer", "address", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_kind_to_fetch_is_named_by_its_qualified_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(build_app(), ["fetch", "--kind", "licence_card"])
    assert (result.exit_code, "{NAMESPACE}NAME" in result.stderr) == (2, True)
