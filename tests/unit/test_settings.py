"""Settings: which source wins, and how a wrong setting is refused."""

import os
from pathlib import Path

import mezhved
import pytest
from mezhved.adapter.settings import Settings
from mezhved.adapter.settings_reference import as_markdown, as_toml
from mezhved.adapter.settings_sources import SettingsError, assignments, load, merged, setting_names, variable


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("MEZHVED_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def config(text: str, path: str = "mezhved.toml") -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_without_any_source_the_defaults_are_used():
    assert load() == load(flags={})
    assert load().node.port == 8080


def test_environment_wins_over_file_and_a_flag_over_both(monkeypatch):
    file = config("[node]\nport = 1001\nhost = '10.0.0.1'\nmnemonic = 'FROM_FILE'\n")
    monkeypatch.setenv("MEZHVED_NODE_PORT", "1002")
    monkeypatch.setenv("MEZHVED_NODE_HOST", "10.0.0.2")
    node = load(file, {"node": {"port": 1003}}).node
    assert (node.port, node.host, node.mnemonic) == (1003, "10.0.0.2", "FROM_FILE")


def test_the_file_of_the_working_directory_is_read_unless_another_is_named(monkeypatch):
    config("[node]\nport = 1001\n")
    config("[node]\nport = 1002\n", "other.toml")
    assert load().node.port == 1001
    monkeypatch.setenv("MEZHVED_CONFIG", "other.toml")
    assert load().node.port == 1002
    assert load(Path("mezhved.toml")).node.port == 1001


def test_paths_in_the_file_are_relative_to_the_file(tmp_path):
    (tmp_path / "etc").mkdir()
    for name in ("a.pem", "b.pem", "key.pem"):
        (tmp_path / "etc" / name).touch()
    file = config(
        "[database]\nurl = 'sqlite:///store.db'\n[trust]\nanchors = ['a.pem', 'b.pem']\n"
        "[node]\nkey = 'key.pem'\ncertificate = 'a.pem'\n",
        "etc/node.toml",
    )
    settings = load(file)
    assert settings.trust.anchors == (tmp_path / "etc/a.pem", tmp_path / "etc/b.pem")
    assert settings.node.key == tmp_path / "etc/key.pem"
    assert settings.database.url == f"sqlite:///{tmp_path}/etc/store.db"


def test_lists_in_the_environment_are_separated_like_paths(monkeypatch):
    for name in ("a.pem", "b.pem"):
        Path(name).touch()
    monkeypatch.setenv("MEZHVED_TRUST_ANCHORS", "a.pem:b.pem")
    monkeypatch.setenv("MEZHVED_EXCHANGE_CONTRACTS", "1.1:1.2")
    settings = load()
    assert settings.trust.anchors == (Path("a.pem"), Path("b.pem"))
    assert settings.exchange.contracts == ("1.1", "1.2")


def problems(*args, **kwargs) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(*args, **kwargs)
    return [str(problem) for problem in caught.value.problems]


def test_an_unknown_setting_of_the_file_is_named_with_the_one_that_was_meant():
    file = config("[node]\nprot = 80\n[wroker]\nbatch = 1\n")
    assert problems() == [
        f"node.prot (file {file}): there is no such setting; did you mean node.port?",
        f"wroker (file {file}): there is no such setting; did you mean worker?",
    ]


def test_an_unknown_variable_of_the_environment_is_named(monkeypatch):
    monkeypatch.setenv("MEZHVED_NODEPORT", "80")
    assert problems() == ["MEZHVED_NODEPORT (environment): there is no such setting; did you mean MEZHVED_NODE_PORT?"]


def test_variables_of_the_tests_are_no_settings(monkeypatch):
    monkeypatch.setenv("MEZHVED_TEST_POSTGRES", "postgresql://x")
    load()


def test_a_bad_value_is_shown_with_where_it_came_from_and_what_is_expected(monkeypatch):
    monkeypatch.setenv("MEZHVED_NODE_PORT", "eighty")
    [problem] = problems()
    assert problem.startswith("node.port (environment, MEZHVED_NODE_PORT): 'eighty' will not do: ")
    assert "integer" in problem
    monkeypatch.delenv("MEZHVED_NODE_PORT")
    [problem] = problems(flags={"node": {"port": 70000}})
    assert problem.startswith("node.port (flag): 70000 will not do: ")
    assert "65535" in problem


def test_all_wrong_settings_are_told_at_once(monkeypatch):
    file = config("[node]\nport = 'x'\n[trust]\nanchors = ['none.pem']\n")
    monkeypatch.setenv("MEZHVED_WORKER_BATCH", "0")
    monkeypatch.setenv("MEZHVED_NOTHING", "0")
    names = [problem.split(" ")[0] for problem in problems(file)]
    assert names == ["MEZHVED_NOTHING", "node.port", "trust.anchors", "worker.batch"]


def test_a_missing_file_is_named():
    assert problems(flags={"trust": {"anchors": ["none.pem"]}}) == ["trust.anchors (flag): there is no file none.pem"]


def test_a_key_without_its_certificate_is_refused():
    Path("key.pem").touch()
    [problem] = problems(flags={"node": {"key": "key.pem"}})
    assert problem.startswith("node (flag): key and certificate go together")


def test_two_forms_of_a_key_are_refused():
    for name in ("key.pem", "cert.pem", "key.p12"):
        Path(name).touch()
    flags = {"registry": {"key": "key.pem", "certificate": "cert.pem", "pkcs12": "key.p12"}}
    [problem] = problems(flags=flags)
    assert problem.startswith("registry (flag): give either pkcs12, or key and certificate")


def test_a_config_file_that_is_missing_or_no_toml_is_refused(monkeypatch):
    assert problems(Path("none.toml")) == ["config (--config): there is no file none.toml"]
    monkeypatch.setenv("MEZHVED_CONFIG", "none.toml")
    assert problems() == ["config (MEZHVED_CONFIG): there is no file none.toml"]
    [problem] = problems(config("[node\n", "bad.toml"))
    assert problem.startswith("config (bad.toml): not a TOML file: ")
    assert "line 1" in problem


def test_an_unknown_contract_version_is_refused():
    [problem] = problems(flags={"exchange": {"contracts": ["1.2", "2.0"]}})
    assert "unknown version 2.0" in problem


def test_set_flags_become_a_tree():
    assert assignments(["node.port=80", "node.host=::1", "log.level=debug"]) == {
        "node": {"port": "80", "host": "::1"},
        "log": {"level": "debug"},
    }
    with pytest.raises(SettingsError, match=r"--set GROUP\.SETTING=VALUE"):
        assignments(["port=80"])


def test_later_flags_win_and_flags_not_given_are_left_out():
    assert merged({"node": {"port": 1, "host": "a"}}, {"node": {"port": 2, "host": None}, "log": {"level": None}}) == {
        "node": {"port": 2, "host": "a"}
    }


def test_every_setting_has_a_description_and_a_variable_of_its_own():
    names = list(setting_names())
    for group, setting in names:
        field = Settings.model_fields[group].annotation.model_fields[setting]
        assert field.description, f"{group}.{setting}"
        assert field.description.endswith("."), f"{group}.{setting}"
    assert len({variable(*name) for name in names}) == len(names)


def test_settings_are_immutable():
    with pytest.raises(ValueError, match="frozen"):
        load().node.port = 1


def test_what_is_printed_as_toml_can_be_read_again():
    for name in ("key.pem", "cert.pem"):
        Path(name).touch()
    settings = load(flags={"node": {"key": "key.pem", "certificate": "cert.pem", "name": 'Узел "1"', "port": 81}})
    assert load(config(as_toml(settings))).node.model_dump(exclude={"key", "certificate"}) == settings.node.model_dump(
        exclude={"key", "certificate"}
    )


def test_the_reference_page_is_current():
    page = Path(mezhved.__file__).parent / "docs" / "reference" / "settings.md"
    assert page.read_text(encoding="utf-8") == as_markdown(), (
        "run: mezhved settings --format markdown > docs/reference/settings.md"
    )
