"""The four channels to a kernel: sockets, signed messages. The one file of the app that imports jupyter_client and zmq.

Import it in the session's own thread only: it costs a tenth of a second that the first paint should not pay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import zmq
from jupyter_client.session import Session

Message: TypeAlias = Mapping[str, Any]
"""A Jupyter message: `header`, `parent_header`, `metadata`, `content`, `buffers`."""

CHANNELS = ("control", "stdin", "iopub", "shell")


class Wire:
    """The client's end of a kernel's channels. Use it from one thread."""

    def __init__(self, connection: Path, client: str) -> None:
        """`client`: who we are to the kernel; an error aborts what the same client queued behind it."""
        facts = json.loads(connection.read_text(encoding="utf-8"))
        key, scheme = facts["key"].encode(), facts["signature_scheme"]
        self._session = Session(session=client, key=key, signature_scheme=scheme)
        self._context = zmq.Context()
        # The kernel sends an input request to the identity that the cell came from: all channels share it.
        identity = self._session.bsession
        self.sockets: dict[str, zmq.Socket[bytes]] = {}
        for channel in CHANNELS:
            socket = self._context.socket(zmq.SUB if channel == "iopub" else zmq.DEALER)
            socket.linger = 0
            socket.rcvhwm = socket.sndhwm = 0  # the default drops messages silently
            socket.reconnect_ivl = 5  # ms: the kernel is still starting when we connect for the first time
            socket.reconnect_ivl_max = 100
            if channel == "iopub":
                socket.subscribe(b"")
            else:
                socket.identity = identity
            socket.connect(f"{facts['transport']}://{facts['ip']}-{facts[f'{channel}_port']}")
            self.sockets[channel] = socket

    def send(
        self,
        channel: str,
        kind: str,
        content: Mapping[str, Any],
        *,
        id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """Sends a message without waiting. Returns its id, made up if none is given."""
        message = self._session.msg(kind, dict(content), metadata=dict(metadata or {}))
        if id is not None:
            message["header"]["msg_id"] = message["msg_id"] = id
        self._session.send(self.sockets[channel], message)
        return str(message["header"]["msg_id"])

    def receive(self, channel: str) -> Message | None:
        """The next message of a channel, or None if none is there now. Raises `ValueError` for a bad signature."""
        try:
            frames = self.sockets[channel].recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return None
        _, parts = self._session.feed_identities(frames)
        message: Message = self._session.deserialize(parts)
        return message

    def close(self) -> None:
        """Closes the sockets. What the kernel does not take within half a second is dropped."""
        for socket in self.sockets.values():
            socket.close(linger=500)
        self._context.term()
