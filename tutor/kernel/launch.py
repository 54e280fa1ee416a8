"""Starts the kernel's process, before anything slow is imported.

The app calls `launch` first of all, so that the kernel comes up while Textual is imported: this file knows the standard
library only, and neither zmq nor jupyter_client. It writes the connection file itself. Sockets lie in a short
directory that is ours alone, as the path of a Unix socket must fit into some 100 bytes; not in `$TMPDIR`, which may be
long, nor in `$XDG_RUNTIME_DIR`, which is removed at logout.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path

from tutor.kernel.errors import KernelNotStarted, RuntimeDirectoryRefused
from tutor.kernel.processes import KnownProcess, ProcessWatch, marked, sweep
from tutor.kernel.staged import staged_path

LONGEST_SOCKET_PATH = 100
"""Bytes. The kernel's limit is 108 on Linux and 104 on macOS, with the final zero."""

MARK = "D2L_TUTOR_KERNEL"
"""Environment variable with the kernel's id. Its children inherit it, so that strays are found and swept."""

UNKNOWN = 1 << 16
"""In place of the exit status of a process that is not our child."""

_CHANNELS = ("shell", "iopub", "stdin", "hb", "control")

# With -c, sys.path[0] is the working directory: a `torch.py` lying there must not shadow the real one, and the tutor's
# own packages must be found where it is not installed.
_BOOT = "import sys; sys.path[0] = sys.argv.pop(1); from tutor.kernel.serve import main; main()"


class KernelProcess(ABC):
    """A kernel's process: who it is, where it listens, and whether it lives."""

    def __init__(self, identity: str, pid: int, connection: Path, log: Path, journal: Path) -> None:
        self.id = identity
        """Random; also in the environment of the kernel and of its children."""
        self.pid = pid
        self.connection = connection
        """The connection file, in Jupyter's format."""
        self.log = log
        """What the process itself writes: warnings, and how it crashed. Never the terminal."""
        self.journal = journal
        """What it put out, also what it could not send any more."""
        self.started = time.time()
        """Seconds since the epoch."""
        self.lesson: str | None = None
        """The lesson that it belongs to, once `registry.claim` gave it to one. It then outlives the app."""
        self.environment: Mapping[str, str] = {}
        """What was added to the app's own."""
        self.is_found = False
        """Whether another app started it: it may be in the middle of a run."""
        self.successor: Callable[[], KernelProcess] = self.launch_again
        """Gives the kernel that takes its place after a restart: see `registry`."""

    watch: ProcessWatch
    """Becomes readable when the process ends."""

    @abstractmethod
    def poll(self) -> int | None:
        """None while it runs; then its exit code, or minus the signal that killed it; `UNKNOWN` if nobody can know."""

    @abstractmethod
    def signal(self, number: int) -> None:
        """Sends a signal to this process, and to no other that got its pid later."""

    @abstractmethod
    def wait(self, timeout: float) -> bool:
        """Whether it ended within `timeout` seconds."""

    def relaunch(self) -> KernelProcess:
        """The kernel that takes its place."""
        return self.successor()

    def launch_again(self) -> KernelProcess:
        """Starts another kernel with the same settings."""
        return launch(self.connection.parent, keep=self.journal.parent, environment=self.environment)

    def reason(self) -> str:
        """How it ended, in one sentence for the learner."""
        status = self.poll()
        if status == UNKNOWN:
            status = _told_by(self.log)
        return describe_end(status)

    def failure(self) -> str:
        """Why it did not come up: how it ended, and the last error in its log."""
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        words = [line.strip() for line in lines if "Error" in line] or [line.strip() for line in lines if line.strip()]
        said = f" Its last words: {words[-1][:300]}" if words else ""
        return f"{self.reason()}{said} The whole log: {self.log}"

    def kill(self) -> None:
        """Ends it at once, with what it started, and removes its files."""
        if self.poll() is None:
            self.signal(signal.SIGKILL)
            self.wait(5.0)
        self.clean(log=True)

    def clean(self, *, log: bool = False) -> None:
        """After its end: ends the processes that it left behind, and removes its files; the log only if asked.

        The journal of a lesson's kernel stays for `registry.KEPT` days.
        """
        sweep(MARK, self.id)
        for path in (self.connection, waiting_path(self.connection), *socket_paths(self.connection)):
            path.unlink(missing_ok=True)
        if self.lesson is None:
            self.journal.unlink(missing_ok=True)
            staged_path(self.journal).unlink(missing_ok=True)
        if log:
            self.log.unlink(missing_ok=True)
            tidy(self.log.parent)
        self.watch.close()


class LaunchedKernel(KernelProcess):
    """A kernel that this process started: its child."""

    def __init__(self, identity: str, popen: subprocess.Popen[bytes], connection: Path, log: Path, journal: Path):
        super().__init__(identity, popen.pid, connection, log, journal)
        self._popen = popen
        self.watch = ProcessWatch(popen.pid)

    def poll(self) -> int | None:
        """Its exit status, once it has one."""
        return self._popen.poll()

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        self._popen.send_signal(number)  # polls first, and the pid cannot be reused before we waited

    def wait(self, timeout: float) -> bool:
        """Whether it ended in time."""
        try:
            self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True


class FoundKernel(KernelProcess):
    """A kernel that another app started, and left running."""

    def __init__(self, identity: str, pid: int, born: str, connection: Path, log: Path, journal: Path) -> None:
        super().__init__(identity, pid, connection, log, journal)
        self._known = KnownProcess(pid, born)
        self.watch = self._known.watch
        self.is_found = True

    def poll(self) -> int | None:
        """None while it runs. Its status is its parent's to know."""
        return UNKNOWN if self._known.ended() else None

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        self._known.signal(number)

    def wait(self, timeout: float) -> bool:
        """Whether it ended in time."""
        return self._known.wait(timeout)


def tidy(runtime: Path, *, age: float = 3 * 24 * 3600.0) -> None:
    """Removes what kernels left behind that were killed together with their app: all files `age` seconds old or older.

    A kernel that lives keeps its files, however old they are.
    """
    now = time.time()
    stems: dict[str, list[Path]] = {}
    for path in runtime.glob("k*"):
        stems.setdefault(path.stem.partition("-")[0], []).append(path)
    for stem, paths in stems.items():
        ages = [now - path.lstat().st_mtime for path in paths if path.exists()]
        if ages and min(ages) >= age and not marked(MARK, stem[1:]):
            for path in paths:
                path.unlink(missing_ok=True)


def launch(
    directory: Path | None = None,
    *,
    lesson: str | None = None,
    keep: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> KernelProcess:
    """Starts a kernel and returns at once: `KernelSession` talks to it as soon as it is up.

    `directory` holds sockets and log; without it, the first that is safe of `/tmp/d2l-<uid>` and a fall-back. `keep`
    holds the journal, and must outlive a reboot; without it, `directory`. `lesson` is only told to the kernel.
    `environment` is added to the app's own. Raises `RuntimeDirectoryRefused` or `KernelNotStarted`.
    """
    runtime = runtime_directory() if directory is None else secured(directory)
    identity = os.urandom(5).hex()
    connection = runtime / f"k{identity}.json"
    for path in socket_paths(connection):
        if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
            raise RuntimeDirectoryRefused(
                f"The path of the kernel's sockets is longer than {LONGEST_SOCKET_PATH} bytes: {path}. "
                "Use a directory with a shorter name."
            )
    journal = (runtime if keep is None else secured(keep)) / f"k{identity}.journal"
    _write_private(connection, json.dumps(_connection(connection, identity, lesson, journal), indent=1))
    _write_private(waiting_path(connection), "")
    log = runtime / f"k{identity}.log"
    command = [sys.executable, "-c", _BOOT, str(_root()), "-f", str(connection)]
    try:
        with open(log, "ab", opener=_private) as out:
            popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=_environment(identity, runtime, environment or {}),
                start_new_session=True,  # no terminal: SIGHUP, Ctrl+C and Ctrl+Z of the app do not reach it
                close_fds=True,
            )
    except OSError as error:
        connection.unlink(missing_ok=True)
        waiting_path(connection).unlink(missing_ok=True)
        raise KernelNotStarted(f"The kernel could not be started: {error}.") from error

    process = LaunchedKernel(identity, popen, connection, log, journal)
    process.environment = dict(environment or {})
    return process


def runtime_directory() -> Path:
    """The first directory for sockets that is ours alone: `/tmp/d2l-<uid>`, else one in `/var/tmp`, else in the home.

    Raises `RuntimeDirectoryRefused` with all reasons, if there is none.
    """
    uid = os.getuid()
    candidates = [Path(f"/tmp/d2l-{uid}"), Path(f"/var/tmp/d2l-{uid}"), Path.home() / ".cache" / "d2l"]
    reasons = []
    for candidate in candidates:
        try:
            return secured(candidate)
        except RuntimeDirectoryRefused as refusal:
            reasons.append(str(refusal))
    raise RuntimeDirectoryRefused(" ".join(reasons))


def secured(directory: Path) -> Path:
    """The directory, made if need be, once it is proved to be ours: a real directory, of this user, and mode 0700.

    Raises `RuntimeDirectoryRefused`: another user may have put it there to read or answer our messages.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise RuntimeDirectoryRefused(
            f"{directory} cannot be used for the kernel's sockets: {error.strerror}."
        ) from error
    try:
        status = os.fstat(handle)
        if status.st_uid != os.getuid():
            raise RuntimeDirectoryRefused(
                f"{directory} belongs to another user (uid {status.st_uid}). Ask for it to be removed."
            )
        if status.st_mode & 0o022:
            raise RuntimeDirectoryRefused(
                f"Others can write to {directory}. Remove it, or run `chmod 700 {directory}`."
            )
        if status.st_mode & 0o077:
            os.fchmod(handle, 0o700)
    finally:
        os.close(handle)
    return directory


def socket_paths(connection: Path) -> list[Path]:
    """Where the kernel of this connection file binds its sockets."""
    return [connection.with_name(f"{connection.stem}-{number}") for number in range(1, len(_CHANNELS) + 1)]


def record_path(journal: Path) -> Path:
    """Where it is written whose kernel has this journal: beside it (see `registry`)."""
    return journal.with_suffix(".kernel")


def waiting_path(connection: Path) -> Path:
    """Where runs wait until the kernel of this connection file is up (see `waiting`)."""
    return connection.with_suffix(".waiting")


def describe_end(status: int | None) -> str:
    """How a process ended, in one sentence. `status` as `Popen.poll` gives it; None: it is not known."""
    if status is None:
        return "The kernel is gone; nobody saw how it ended. It may have been killed, or have run out of memory."
    if status < 0:
        name = signal.strsignal(-status) or "unknown"
        hint = " It may have run out of memory." if -status == signal.SIGKILL else ""
        return f"The kernel was killed by signal {-status} ({name.lower()}).{hint}"
    if status == 0:
        return "The kernel exited, because the code asked it to."
    return f"The kernel exited with code {status}."


def _told_by(log: Path) -> int | None:
    """Minus the signal of a crash that faulthandler described in the log; None if it did not."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return None
    crashes = {"Segmentation fault": 11, "Aborted": 6, "Bus error": 7, "Floating-point exception": 8}
    return next((-number for name, number in crashes.items() if f"Fatal Python error: {name}" in text), None)


def _connection(connection: Path, identity: str, lesson: str | None, journal: Path) -> dict[str, object]:
    ports = {f"{channel}_port": number for number, channel in enumerate(_CHANNELS, start=1)}
    return {
        "transport": "ipc",
        "ip": str(connection.with_suffix("")),  # Jupyter's way: ipc://<ip>-<port>
        **ports,
        "signature_scheme": "hmac-sha256",
        "key": os.urandom(32).hex(),
        "kernel_name": "d2l-tutor",
        "d2l": {"id": identity, "lesson": lesson, "journal": str(journal)},
    }


def _environment(identity: str, runtime: Path, additions: Mapping[str, str]) -> dict[str, str]:
    # JPY_*: of a Jupyter that started the app; JPY_PARENT_PID would end the kernel with its parent.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JPY_")}
    kept[MARK] = identity
    kept["IPYTHONDIR"] = str(runtime / "ipython")  # neither read nor write the learner's own profile
    kept["PYTHONUNBUFFERED"] = "1"
    kept.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # else ipykernel's debugger writes of itself before any cell
    kept.pop("PYTHONSTARTUP", None)
    return kept | dict(additions)


def _root() -> Path:
    return Path(__file__).resolve().parents[2]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _write_private(path: Path, text: str) -> None:
    with open(path, "x", encoding="utf-8", opener=_private) as file:
        file.write(text)
