"""The real app on a course of one lesson, given by the folder of its content: what `screen.py` measures."""

from __future__ import annotations

import sys
from pathlib import Path

from tutor import start as starting

if __name__ == "__main__":
    launched = starting.start
    from lessons.catalog import load_course

    sys.exit(launched("bench/screen", course=load_course(Path(sys.argv[1]))))
