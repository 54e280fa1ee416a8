"""What can go wrong with a kernel, as a vocabulary: each says the cause and what to do. Standard library only."""

from __future__ import annotations


class KernelError(Exception):
    """Something about the kernel failed. The message is one or two sentences: the cause, and the next step."""


class RuntimeDirectoryRefused(KernelError):
    """There is no directory in which the kernel's sockets would be ours alone."""


class KernelNotStarted(KernelError):
    """The kernel's process could not be started."""


class TooManyKernels(KernelError):
    """As many kernels of lessons live as there may be. Nothing was started."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} kernels run already, and {most} is the limit. Stop one of them.")
        self.most = most
