"""`alert-responder`, and `python -m alert_responder_cli`."""

from alert_responder_cli.terminal import process


def run() -> None:
    """Run the command line of this process."""
    process.run(_command)


def _command() -> None:
    # Imported here: what is imported takes a while, and Ctrl-C may come meanwhile.
    from alert_responder_cli.main import app

    app(prog_name="alert-responder")


if __name__ == "__main__":
    run()
