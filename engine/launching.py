"""`torchrun`, which starts the processes that train together, without its tracebacks and its log.

A process that fails has said why itself; one that was killed could not.
"""

from __future__ import annotations

import logging
import signal
import sys


def main() -> int:
    """What `python -m torch.distributed.run` does with the arguments of this process; returns the exit code."""
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import main as torchrun

    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    try:
        torchrun()
    except SignalException as stopped:  # the processes were told so, and were waited for
        return 128 + int(stopped.sigval)
    except ChildFailedError as failed:
        rank, failure = failed.get_first_failure()
        if failure.exitcode >= 0:
            return failure.exitcode
        killed = signal.Signals(-failure.exitcode)
        print(f"error: process {rank} was ended by {killed.name}, and the others with it.", file=sys.stderr)
        return 128 + killed
    return 0


if __name__ == "__main__":
    sys.exit(main())
