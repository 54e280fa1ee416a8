"""`torchrun`, which starts the processes that train together, without its traceback when a learner presses Ctrl+C."""

from __future__ import annotations

import sys


def main() -> int:
    """What `python -m torch.distributed.run` does with the arguments of this process; returns the exit code."""
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.run import main as torchrun

    try:
        torchrun()
    except SignalException as stopped:  # the processes were told so, and were waited for
        return 128 + int(stopped.sigval)
    return 0


if __name__ == "__main__":
    sys.exit(main())
