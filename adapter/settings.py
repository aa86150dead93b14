"""Settings of a node, of its worker and of a client: every one by its name, type, default and meaning.

They come from a TOML file, the environment and command-line flags, in that order: a later one wins
(`adapter.settings_sources.load`). A name has two parts, the group and the setting: `[node] port = 8080` in the file,
`MEZHVED_NODE_PORT=8080` in the environment, `--set node.port=8080` as a flag. Paths in the file are relative to the
file, elsewhere to the working directory. Lists are arrays in the file; elsewhere their parts are separated by `:`.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENVIRONMENT_PREFIX = "MEZHVED_"


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


def _split(value: Any) -> Any:
    return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"there is no folder {path}")
    return path


ExistingFolder = Annotated[Path, AfterValidator(_folder)]
ExistingFile = Annotated[Path, AfterValidator(_existing)]
ExistingFiles = Annotated[tuple[ExistingFile, ...], BeforeValidator(_split)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Group(BaseModel):
    """A group of settings; an unknown name in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(Group):
    """Where messages, queues and the register are kept."""

    url: str = Field(
        default="sqlite:///mezhved.sqlite3",
        description="SQLAlchemy URL of the store: `sqlite:///PATH` or `postgresql+psycopg://USER@HOST/NAME`.",
        pattern=r"^(sqlite|postgresql(\+psycopg)?)://",
    )


class KeySettings(Group):
    """A private key with its certificate: two PEM files, or one PKCS#12 container."""

    key: ExistingFile | None = Field(default=None, description="Private key, PEM (PKCS#8).")
    certificate: ExistingFile | None = Field(default=None, description="Certificate of that key, PEM.")
    pkcs12: ExistingFile | None = Field(
        default=None, description="Key and certificate in one PKCS#12 file, instead of the two."
    )
    password_file: ExistingFile | None = Field(
        default=None, description="File whose first line is the password of the key or of the PKCS#12 file."
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.pkcs12 is not None and (self.key is not None or self.certificate is not None):
            raise ValueError("give either pkcs12, or key and certificate, not both")
        if (self.key is None) != (self.certificate is None):
            raise ValueError("key and certificate go together: one of them is missing")
        return self

    @property
    def has_key(self) -> bool:
        """Whether a key is named at all."""
        return self.pkcs12 is not None or self.key is not None


class NodeSettings(KeySettings):
    """The exchange node: who it is and where it listens."""

    mnemonic: str = Field(default="MEZHVED", description="Mnemonic of the node itself.", pattern=r"^\S{1,50}$")
    name: str = Field(default="Межвед", description="Name of the node for people, shown in its pages and logs.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: Port = Field(default=8080, description="TCP port to listen on; 0 takes a free one.")
    public_url: str | None = Field(
        default=None,
        description="URL under which clients reach the node, written into the WSDL; default: taken from host and port.",
        pattern=r"^https?://[^\s?#]+$",
    )


class RegistrySettings(KeySettings):
    """The register's information system: the provider that answers requests of the register's kinds."""

    mnemonic: str = Field(default="FRMR", description="Mnemonic of the register's system.", pattern=r"^\S{1,50}$")


class TrustSettings(Group):
    """Whose certificates are believed."""

    anchors: ExistingFiles = Field(
        default=(), description="Root certificates, PEM files (several certificates in one are fine)."
    )
    intermediates: ExistingFiles = Field(default=(), description="Certificates of subordinate authorities, PEM files.")
    crls: ExistingFiles = Field(default=(), description="Certificate revocation lists, PEM files.")
    require_crl: bool = Field(
        default=False, description="Refuse a certificate whose issuer has no current revocation list."
    )


class LimitSettings(Group):
    """What one caller may cost the node."""

    body_bytes: Count = Field(
        default=8 * 1024 * 1024,
        description="Longest body of a call, in bytes; attachments inside it may be written in base64.",
    )
    body_seconds: Seconds = Field(
        default=30, description="Longest time for a caller to send its whole call, in seconds."
    )
    connections: Count = Field(default=4096, description="Most connections open at once; the next one hears HTTP 503.")
    concurrent: Count = Field(default=4, description="Calls worked on at once (threads).")
    waiting: Count = Field(
        default=256, description="Calls read and waiting for a thread; the next one hears SMEVFailure."
    )


class ExchangeSettings(Group):
    """Rules of the exchange that an operator may set."""

    contracts: Names = Field(
        default=("1.1", "1.2", "1.3"), description="Versions of the contract that the node serves."
    )
    lease_seconds: Seconds = Field(
        default=900,
        description="How long a fetched message waits for its Ack before it returns to the head of the queue.",
    )
    message_age_hours: Annotated[float, Field(gt=0)] = Field(
        default=24, description="Oldest MessageID that is accepted, by the time inside it, in hours."
    )
    clock_skew_seconds: Annotated[float, Field(ge=0)] = Field(
        default=300, description="How far the time inside a MessageID may lie in the future, in seconds."
    )
    timestamp_window_seconds: Seconds = Field(
        default=600, description="How far a signed Timestamp may lie from the node's clock, either way, in seconds."
    )
    queue_limit: Count = Field(
        default=100_000,
        description="Most messages that may wait for a system, requests and responses apart; the next one hears "
        "DestinationOverflow. A system may have a limit of its own.",
    )
    attachment_bytes: Count = Field(
        default=5 * 1024 * 1024,
        description="Most bytes that the attachments inside one message may have together (MR: 5 MB).",
    )
    participants_cache_seconds: Annotated[float, Field(ge=0)] = Field(
        default=2, description="How long a change of the participants may go unnoticed by a running node, in seconds."
    )

    kinds: ExistingFolder | None = Field(
        default=None, description="Folder of the kinds of messages that other systems than the register provide."
    )

    @model_validator(mode="after")
    def _known_contracts(self) -> Self:
        from .exchange.contract import CONTRACTS  # noqa: PLC0415  settings alone must not need the protocol

        if unknown := set(self.contracts) - set(CONTRACTS):
            raise ValueError(
                f"contracts: unknown version {', '.join(sorted(unknown))}; known are {', '.join(CONTRACTS)}"
            )
        return self

    @property
    def lease(self) -> timedelta:
        """`lease_seconds` as a duration."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def message_age(self) -> timedelta:
        """`message_age_hours` as a duration."""
        return timedelta(hours=self.message_age_hours)

    @property
    def clock_skew(self) -> timedelta:
        """`clock_skew_seconds` as a duration."""
        return timedelta(seconds=self.clock_skew_seconds)

    @property
    def timestamp_window(self) -> timedelta:
        """`timestamp_window_seconds` as a duration."""
        return timedelta(seconds=self.timestamp_window_seconds)


class WorkerSettings(Group):
    """The register's worker."""

    poll_seconds: Seconds = Field(
        default=5,
        description="How long a worker waits to be woken before it looks at an empty queue again, in seconds.",
    )
    lease_seconds: Seconds = Field(
        default=300, description="How long a batch stays with one worker before another may take it, in seconds."
    )
    max_attempts: Count = Field(
        default=5, description="Attempts at one request before its sender is told FAILURE and it is set aside."
    )
    retry_seconds: Seconds = Field(
        default=2,
        description="Pause before a request that failed is tried again, in seconds; doubled after each failure, up to "
        "`lease_seconds`.",
    )
    batch: Count = Field(default=20, description="Requests taken, answered and committed together.")

    @property
    def lease(self) -> timedelta:
        """`lease_seconds` as a duration."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def retry(self) -> timedelta:
        """`retry_seconds` as a duration."""
        return timedelta(seconds=self.retry_seconds)


class TimerSettings(Group):
    """Work that is due at times. Node and worker processes share it: one of them does what is due."""

    enabled: bool = Field(default=True, description="Whether this process does such work at all.")
    look_seconds: Seconds = Field(default=5, description="How often a process looks whether something is due.")
    claim_seconds: Seconds = Field(
        default=300, description="How long a process at work may be silent before another takes over; see `batch`."
    )
    batch: Count = Field(default=200, description="Messages handled in one transaction.")
    end_of_life_seconds: Seconds = Field(
        default=10, description="How often requests are looked for whose EOL has passed, in seconds."
    )
    audit_seconds: Seconds = Field(default=60, description="How often the audit of the register is sealed, in seconds.")
    certificates_at: TimeOfDay = Field(
        default="06:00", description="When certificates that end soon are told of, each day, HH:MM (UTC)."
    )
    certificates_days: Count = Field(default=30, description="How many days ahead they are told of.")


class RetentionSettings(Group):
    """When messages go to the archive, where their octets are packed and stay for ever."""

    days: Annotated[int, Field(ge=0)] = Field(
        default=365, description="Days after its acceptance until a finished message is archived; 0: never."
    )
    at: TimeOfDay = Field(default="03:30", description="When that is done, each day, HH:MM (UTC).")

    @property
    def keep(self) -> timedelta:
        """`days` as a duration."""
        return timedelta(days=self.days)


class FilesSettings(Group):
    """The file store, for what is too large for a message. Without a folder the node has none."""

    folder: Path | None = Field(
        default=None,
        description="Folder of the store, on one file system; node, worker and FTP server must all reach it.",
    )
    message_bytes: Count = Field(
        default=1024**3, description="Most bytes that the files of one message may have together (MR: 1 GB)."
    )
    participant_bytes: Count = Field(
        default=4 * 1024**3, description="Most bytes of files that a system may have put there and not sent yet."
    )
    kind_bytes: Count = Field(
        default=64 * 1024**3,
        description="Most bytes of files beside messages of one kind that wait to be acknowledged; the next sender "
        "hears QuoteLimitExceeded.",
    )
    keep_days: Count = Field(default=7, description="Days after which a file that was never sent is removed.")
    check_seconds: Seconds = Field(
        default=600, description="How long a worker may take for the files of one message before another takes over."
    )
    check_attempts: Count = Field(
        default=10, description="Attempts at files that cannot be read before their sender is told so."
    )
    poll_seconds: Seconds = Field(default=1, description="Pause of a worker while no files are to be looked at.")
    ftp_host: str = Field(default="127.0.0.1", description="Address that `mezhved files ftp` listens on.")
    ftp_port: Port = Field(default=2121, description="Its TCP port; 0 takes a free one.")
    ftp_passive: str | None = Field(
        default=None,
        description="Ports of data connections, FIRST-LAST; default: any.",
        pattern=r"^\d{1,5}-\d{1,5}$",
    )
    ftp_address: str | None = Field(
        default=None, description="Address told to clients for data connections, where it is not the one they see."
    )

    @property
    def check(self) -> timedelta:
        """`check_seconds` as a duration."""
        return timedelta(seconds=self.check_seconds)

    @property
    def keep(self) -> timedelta:
        """`keep_days` as a duration."""
        return timedelta(days=self.keep_days)


class LogSettings(Group):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is written."
    )
    format: Literal["text", "json"] = Field(default="text", description="Lines for people, or one JSON object a line.")


class MetricsSettings(Group):
    """Metrics in Prometheus' format: the node's at /metrics, the worker's at a port of its own."""

    enabled: bool = Field(default=True, description="Whether the node answers /metrics.")
    token_file: ExistingFile | None = Field(
        default=None,
        description="File whose first line is the token (`Authorization: Bearer`) that opens the node's /metrics. "
        "Without one they are for callers of the same machine only.",
    )
    worker_host: str = Field(default="127.0.0.1", description="Address at which a worker serves its metrics.")
    worker_port: Port | None = Field(
        default=None, description="TCP port at which a worker serves its metrics; without one it serves none."
    )
    queue_seconds: Seconds = Field(
        default=15, description="How old the figures of the queues may be, in seconds: counting reads all of a queue."
    )


class TracingSettings(Group):
    """Traces by OpenTelemetry; needs `pip install mezhved[otel]`."""

    endpoint: str | None = Field(
        default=None,
        description="URL of an OTLP/HTTP collector, such as `http://127.0.0.1:4318/v1/traces`; without one nothing is "
        "traced.",
        pattern=r"^https?://[^\s?#]+$",
    )
    share: Annotated[float, Field(ge=0, le=1)] = Field(
        default=1.0, description="Share of all calls and batches that is traced, from 0 to 1."
    )


class ClientSettings(KeySettings):
    """A participant's own side: `mezhved send`, `poll` and `ack`."""

    url: str = Field(
        default="http://127.0.0.1:8080",
        description="URL of the node, without the path of a contract version.",
        pattern=r"^https?://[^\s?#]+$",
    )
    contract: Literal["1.1", "1.2", "1.3"] = Field(default="1.2", description="Version of the contract to speak.")
    node_certificates: ExistingFiles = Field(
        default=(),
        description="Certificates of the node, PEM files: only their signatures are the node's. "
        "Give the old and the new one while a certificate is being renewed.",
    )
    timeout_seconds: Seconds = Field(default=30, description="Longest wait for one answer of the node, in seconds.")
    files_url: str | None = Field(
        default=None,
        description="URL of the node's file store, without `/files`; default: that of the node.",
        pattern=r"^https?://[^\s?#]+$",
    )
    files_user: str | None = Field(default=None, description="Mnemonic of this system, to put files into the store.")
    files_password_file: ExistingFile | None = Field(
        default=None, description="File whose first line is the password of this system for the store."
    )
    attempts: Count = Field(
        default=5, description="Attempts at one call when the node cannot be reached or asks to retry."
    )
    wait_seconds: Seconds = Field(default=60, description="How long `--wait` polls for a response, in seconds.")


class OfficialSettings(KeySettings):
    """An official of the participant, whose personal signature `mezhved send --personal` puts under the content."""


class Settings(BaseSettings):
    """All settings. Immutable; passed in where they are needed, never looked up."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        enable_decoding=False,
    )

    database: DatabaseSettings = DatabaseSettings()
    node: NodeSettings = NodeSettings()
    registry: RegistrySettings = RegistrySettings()
    trust: TrustSettings = TrustSettings()
    limits: LimitSettings = LimitSettings()
    exchange: ExchangeSettings = ExchangeSettings()
    worker: WorkerSettings = WorkerSettings()
    timers: TimerSettings = TimerSettings()
    retention: RetentionSettings = RetentionSettings()
    files: FilesSettings = FilesSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    tracing: TracingSettings = TracingSettings()
    client: ClientSettings = ClientSettings()
    official: OfficialSettings = OfficialSettings()
