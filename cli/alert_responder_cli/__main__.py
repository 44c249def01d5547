"""Entry point of `alert-responder` and of `python -m alert_responder_cli`."""

from alert_responder_cli.terminal import process


def run() -> None:
    """Run the command line with the arguments of this process."""
    process.run(_command)


def _command() -> None:
    # Imported here, since the imports take a while and may be interrupted with Ctrl-C.
    from alert_responder_cli.main import app

    app(prog_name="alert-responder")


if __name__ == "__main__":
    run()
