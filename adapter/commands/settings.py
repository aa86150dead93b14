"""`mezhved settings`: every setting, its meaning and the value in force."""

from enum import StrEnum

import typer

from ..console import Assignments, Config, settings_for


class Form(StrEnum):
    """What to print."""

    TOML = "toml"
    MARKDOWN = "markdown"


def register(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(epilog="Example: mezhved settings --config node.toml > all.toml")
    def settings(
        config: Config = None,
        sets: Assignments = None,
        form: Form = typer.Option(Form.TOML, "--format", help="toml: values in force; markdown: the reference page."),
    ) -> None:
        """Print every setting with its meaning and the value in force."""
        from ..settings_reference import as_markdown, as_toml

        if form is Form.MARKDOWN:
            typer.echo(as_markdown(), nl=False)
        else:
            typer.echo(as_toml(settings_for(config, sets)), nl=False)
