"""`python -m alert_responder_cli`."""

from alert_responder_cli.main import run

if __name__ == "__main__":
    run()
