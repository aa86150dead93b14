"""What lies where in the folder of a stand, and who takes part in it. All names are plainly synthetic."""

from dataclasses import dataclass
from pathlib import Path

from ..exchange.roles import Role
from .keys import KeyPair, pair_of


@dataclass(frozen=True, slots=True)
class System:
    """An information system of the stand: who it is, and what it may do."""

    mnemonic: str
    name: str
    sends: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    all_organisations: bool = False
    provides: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    contract: str = "1.2"
    """Version of the contract that it speaks."""
    official: str = ""
    """Who signs personally in this system; empty: nobody."""

    @property
    def subject(self) -> str:
        """Name in its certificate."""
        return f"CN={self.name},O=Mezhved,C=RU"

    @property
    def official_subject(self) -> str:
        """Name in the certificate of its official."""
        return f"CN={self.official},O=Mezhved,C=RU"


NODE = System("MEZHVED", "Узел обмена учебного стенда")
REGISTER = System("FRMR", "Учебный регистр медицинских работников")
REGION = System(
    "RMIS_DEMO",
    "Тестовая региональная МИС",
    sends=("*",),
    roles=(Role.EMPLOYER,),
    all_organisations=True,
    subscriptions=("licence_notice",),
    official="Учебный начальник отдела кадров",
)
AGENCY = System(
    "FOIV_DEMO",
    "Тестовое федеральное ведомство",
    sends=("worker_card", "licence_card"),
    roles=(Role.REGULATOR,),
    subscriptions=("licence_notice",),
    contract="1.3",
)
LICENCES = System(
    "LICENCE_DEMO",
    "Учебный лицензионный реестр",
    sends=("licence_notice",),
    provides=("licence_card",),
    contract="1.1",
)
PARTICIPANTS = (REGION, AGENCY, LICENCES)


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths inside the folder of a stand."""

    folder: Path

    @property
    def keys(self) -> Path:
        """Keys and certificates."""
        return self.folder / "keys"

    @property
    def config(self) -> Path:
        """Settings of node and worker."""
        return self.folder / "node.toml"

    @property
    def participants(self) -> Path:
        """The systems that take part, as `mezhved participants import` takes them."""
        return self.folder / "participants.toml"

    @property
    def officials(self) -> Path:
        """Their officials, as `mezhved officials import` takes them."""
        return self.folder / "officials.toml"

    @property
    def kinds(self) -> Path:
        """The kinds of messages that another system than the register provides."""
        return self.folder / "kinds"

    @property
    def requests(self) -> Path:
        """Business content ready for `mezhved send`."""
        return self.folder / "requests"

    @property
    def store(self) -> Path:
        """The SQLite database, where no other is given."""
        return self.folder / "store.sqlite3"

    def pair(self, system: System) -> KeyPair:
        """Key and certificate of a system."""
        return pair_of(self.keys, system.mnemonic)

    def official(self, system: System) -> KeyPair:
        """Key and certificate of a system's official."""
        return pair_of(self.keys, f"{system.mnemonic}-official")

    def client(self, system: System) -> Path:
        """Settings of a participant's own side."""
        return self.folder / "clients" / f"{system.mnemonic}.toml"

    def log(self, process: str) -> Path:
        """What a process wrote to standard error."""
        return self.folder / f"{process}.log"
