"""The kernel's process: ipykernel, without a TCP port, and with an answer to all that a learner's cell may do.

Started by `launch`; never imported by the app. No Textual, and no torch: `engine.warmup` is imported by name, once the
kernel is idle.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import importlib
import json
import os
import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import zmq
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session
from traitlets import DottedObjectName, Type
from traitlets.config import Config

from tutor.kernel import streams
from tutor.kernel.bindings import Bindings
from tutor.kernel.journal import ENDED, Journal
from tutor.kernel.launch import MARK, socket_paths, waiting_path
from tutor.kernel.outbox import Outbox, PublishingSession
from tutor.kernel.processes import sweep
from tutor.kernel.shell import MATPLOTLIB, CellCompiler, TutorShell
from tutor.kernel.staged import staged_path
from tutor.kernel.waiting import take
from tutor.kernel.warm import WarmUp
from tutor.kernel.watchdog import Watchdog

RESUME = "D2L_TUTOR_RESUME"
"""Environment variable by which a cell has its training go on from a checkpoint (see `engine.config`)."""


class TutorKernel(IPythonKernel):
    """Runs cells, and says over IOPub, behind the last of its output, how each run ended."""

    shell_class = Type(TutorShell)
    compiler_class = Type(CellCompiler)
    shell: TutorShell
    session: PublishingSession

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._home = os.getpid()
        self._began = 0.0
        self._outcome = ""
        self._aborting_client: str | None = None
        self.busy = False
        """Whether a cell runs."""
        self.has_run = False
        """Whether a learner's cell ever ran: then there are variables."""
        self.idle_since = time.monotonic()
        """When the last request was over."""
        self.is_up = threading.Event()
        """Set once what was asked for before we were there waits with us: until then we are neither idle nor quiet."""
        self._device: dict[str, Any] | None = None
        self._bindings = Bindings(self.shell.user_ns)

    def start(self) -> None:
        """Starts to listen, and plans the warm-up."""
        self.debugpy_stream = None  # no debugger
        super().start()
        self.shell_channel_thread.io_loop.add_callback(self._take_waiting)
        WarmUp(self).plan()

    async def _take_waiting(self) -> None:
        """Runs that were asked for before we were up go first, as if their client had sent them now."""
        assert isinstance(self.parent, TutorKernelApp)
        try:
            for client, execution in take(waiting_path(Path(self.parent.abs_connection_file))):
                message = self.session.msg("execute_request", execution.content(), metadata=execution.metadata())
                message["header"] |= {"msg_id": execution.run, "session": client}
                frames = self.session.serialize(message, ident=client.encode())
                await self.shell_channel_thread_main([zmq.Frame(frame) for frame in frames])
        finally:
            self.idle_since = time.monotonic()
            self.is_up.set()

    @property
    def kernel_info(self) -> dict[str, Any]:
        """What a client learns that comes later than the news of the device."""
        outbox = self.session.outbox
        assert outbox is not None
        standing = {**outbox.standing(), "idle": self.idle(), "memory": gpu_memory()}
        return {**super().kernel_info, "d2l_device": self._device, "d2l_standing": standing}

    def idle(self) -> float:
        """Seconds since the last request was over; 0 while a cell runs, or waits to."""
        outbox = self.session.outbox
        waits = outbox is not None and outbox.standing()["queued"]
        return 0.0 if self.busy or waits or not self.is_up.is_set() else time.monotonic() - self.idle_since

    def found_device(self, facts: dict[str, Any]) -> None:
        """Tells who listens, and keeps it for who comes later. From any thread."""
        self._device = facts
        self._publish("d2l_device_found", facts, parent={})

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Runs a cell. Whatever happens in there, its end is published once."""
        self.busy, self._began = True, time.perf_counter()
        self._outcome, resumes = "error", False  # unless we hear otherwise
        try:
            streams.mend()
            self.shell.compile.cell = cell = str(parent["metadata"].get("cellId") or "")
            assert self.session.outbox is not None
            silent = bool(parent["content"].get("silent"))
            self.session.outbox.about = {"cell": cell, "silent": silent}
            self.has_run |= not silent
            afresh = bool(parent["metadata"].get("afresh"))
            self._bindings.begin(cell, parent["content"]["code"], afresh=afresh, is_check=silent)
            resumes = bool(parent["metadata"].get("resume")) and RESUME not in os.environ
            if resumes:
                os.environ[RESUME] = "1"
            if silent:
                # Jupyter announces only runs that are not silent; our client follows all of them.
                self._publish_execute_input("", parent, self.execution_count)
            await super().execute_request(stream, ident, parent)
        except KeyboardInterrupt:
            self._outcome = "interrupted"  # in a moment just before or behind the cell
        finally:
            if resumes:
                os.environ.pop(RESUME, None)
            self._bindings.end(well=self._outcome == "ok")
            self._conclude(parent, self._outcome)
            self.busy, self.idle_since = False, time.monotonic()

    async def do_execute(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the source. A forked child that comes back from it ends here: the kernel's sockets are not its own."""
        try:
            return await super().do_execute(*args, **kwargs)
        finally:
            if os.getpid() != self._home:
                for stream in streams.streams():
                    stream.flush()
                os._exit(0)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt that comes too late must not hit what follows
            streams.mend()
            for stream in streams.streams():
                stream.drain()
                stream.flush()

    def finish_metadata(self, parent: Any, metadata: Any, reply_content: Any) -> Any:
        """Called by ipykernel before each reply to a run, also to one that was aborted."""
        status = reply_content["status"]
        if status == "error" and reply_content.get("ename") in ("KeyboardInterrupt", "CancelledError"):
            status = "interrupted"
        if status == "aborted":
            self._conclude(parent, status)
        else:
            self._outcome = status
        return super().finish_metadata(parent, metadata, reply_content)

    def _conclude(self, parent: Any, outcome: str) -> None:
        seconds = 0.0 if outcome == "aborted" else time.perf_counter() - self._began
        self._publish("d2l_run_finished", {"outcome": outcome, "seconds": seconds}, parent=parent)

    def _publish(self, kind: str, content: dict[str, Any], *, parent: Any) -> None:
        self.session.send(self.iopub_socket, kind, content, parent=parent, ident=self._topic(kind))

    async def shell_channel_thread_main(self, msg: Any) -> None:
        """Notes which runs wait, and hands the request on."""
        with contextlib.suppress(ValueError, IndexError):  # what is no message is refused where it is read
            frames: Any = self.session.feed_identities(msg, copy=False)[1]
            header = json.loads(frames[1].bytes)
            if header["msg_type"] == "execute_request" and self.session.outbox is not None:
                self.session.outbox.queue(header["msg_id"])
        await super().shell_channel_thread_main(msg)

    def _input_request(self, prompt: str, ident: Any, parent: Any, password: bool = False) -> str:
        try:
            value = str(super()._input_request(prompt, ident, parent, password))
        finally:
            self._publish("d2l_input_answered", {}, parent=parent)
        shown = "•" * len(value) if password else value
        sys.stdout.write(f"{prompt}{shown}\n")  # as a terminal shows it
        return value

    # An error aborts what the same client queued behind it, and nothing of another client's: ipykernel aborts all.

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        self._aborting_client = self.get_parent("shell")["header"]["session"]
        marked = threading.Event()

        def mark() -> None:
            self._post_dummy_stop_aborting_message(subshell_id)
            marked.set()

        # What the client sends on the news of the error must come behind the mark: so the mark first, then the news.
        self.shell_channel_thread.io_loop.add_callback(mark)
        marked.wait(10.0)

    async def dispatch_shell(self, msg: Any, /, *args: Any, **kwargs: Any) -> None:
        """Handles a request; the mark behind the queue says that aborting is over."""
        if len(msg) == 1 and msg[0].buffer == b"stop aborting":
            self._aborting_client = None
            return
        await super().dispatch_shell(msg, *args, **kwargs)

    def should_handle(self, stream: Any, msg: Any, idents: Any) -> bool:
        """Whether the request is to be served, or belongs to those that an error aborts."""
        header = msg["header"]
        if header["msg_type"] != "execute_request" or header["session"] != self._aborting_client:
            return True
        self._send_abort_reply(stream, msg, idents)
        return False


class TutorKernelApp(IPKernelApp):
    """Brings the kernel up on the sockets of its connection file, and takes it down."""

    kernel_class = Type(TutorKernel, klass=IPythonKernel)
    session: PublishingSession
    outstream_class = DottedObjectName("tutor.kernel.streams.CellStream", allow_none=True)

    def _session_default(self) -> Session:
        return PublishingSession(parent=self)

    def _bind_socket(self, socket: Any, port: int) -> Any:
        socket.set_hwm(0)  # the default drops messages silently
        return super()._bind_socket(socket, port)

    def init_iopub(self, context: Any) -> None:
        """As ipykernel does, less the TCP port for forked children: they write to our pipe (see `streams`)."""
        self.iopub_socket = context.socket(zmq.XPUB)
        self.iopub_socket.linger = 1000
        self.iopub_socket.xpub_verbose = True  # a second client gets its welcome too
        self.iopub_port = self._bind_socket(self.iopub_socket, self.iopub_port)
        self.configure_tornado_logger()
        self.iopub_thread = _Publisher(self.iopub_socket, session=self.session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def init_io(self) -> None:
        """Puts our streams in place of stdout and stderr; crashes are described in the log."""
        log = os.dup(2)
        facts = json.loads(Path(self.abs_connection_file).read_text(encoding="utf-8"))
        self.journal = Path(facts["d2l"]["journal"])
        journal = Journal(self.journal)
        self.session.outbox = Outbox(self.session, self.iopub_thread, journal)
        super().init_io()
        streams.remember(sys.stdout, sys.stderr)  # type: ignore[arg-type]
        faulthandler.enable(file=os.fdopen(log, "w"), all_threads=False)

    def log_connection_info(self) -> None:
        """Nobody is to connect by hand."""

    def init_gui_pylab(self) -> None:
        """No window system: where a learner uses matplotlib, a figure becomes a chart of characters."""
        os.environ["MPLBACKEND"] = MATPLOTLIB

    def start(self) -> None:
        """Serves until the end, and leaves nothing behind."""
        # No handler for SIGTERM: forked workers inherit it, and one that waits for a semaphore would never act on it.
        assert self.session.outbox is not None
        clean = partial(_clean, self.session.outbox, Path(self.abs_connection_file), os.getpid())
        atexit.register(clean, "The kernel exited, because it was asked to.")
        Watchdog(self, clean).start()
        importlib.import_module("engine.book")  # `from d2l import torch as d2l` works; nothing of torch yet
        super().start()


class _Publisher(IOPubThread):
    """Knows whether anybody subscribes: the sockets of a client that was killed unsubscribe too."""

    subscribed = False

    def _really_send(self, *args: Any, **kwargs: Any) -> None:
        super()._really_send(*args, **kwargs)
        # zmq tells of a subscription once, and a send that comes at the same moment eats the news: so look again.
        while not self.closed:
            try:
                frames = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._handle_subscription(frames)

    def _handle_subscription(self, frames: Any) -> None:
        for frame in frames:
            if len(frame) == 1:
                self.subscribed = frame[0] == 1
        super()._handle_subscription(frames)


def gpu_memory() -> int:
    """Bytes of device memory that this process holds, as far as torch knows."""
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not cuda.is_initialized():
        return 0
    return int(cuda.memory_reserved()) or 1  # an initialised device holds some hundred MB that torch does not count


def _clean(outbox: Outbox, connection: Path, home: int, reason: str) -> None:
    if os.getpid() != home:
        return  # a forked child, such as a worker that its pool terminates: the kernel is not its to end
    running = outbox.standing()["running"]
    run = str(running["run"]) if running else ""
    outbox.flush()
    outbox.journal.append(ENDED, run, {"reason": reason, "at": time.time(), "running": run})
    with contextlib.suppress(KeyError):
        sweep(MARK, os.environ[MARK])
    staged = staged_path(outbox.journal.path)
    for path in (connection, staged, *socket_paths(connection)):  # the journal is for whoever looks why we ended
        path.unlink(missing_ok=True)


def main() -> None:
    """Runs a kernel until it is told to end."""
    config = Config()
    config.HistoryManager.enabled = False  # the record keeps what was run; no file in the learner's home
    config.IPCompleter.use_jedi = False  # jedi reads torch's sources for seconds; live objects know better
    config.Kernel._execute_sleep = 0.0
    TutorKernelApp.launch_instance(config=config)
    _end()


def _end() -> None:
    """Ends the process in the usual order, but for the last part: to take torch's modules apart takes a second."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    os._exit(0)


if __name__ == "__main__":
    main()
