"""matplotlib in a terminal: `plt.plot(…); plt.show()` shows a chart of characters, and a PNG beside it.

A backend by matplotlib's rules, chosen with `MPLBACKEND=module://engine.matplotlib_backend`: it is imported when a
learner's code first draws. In a kernel figures are also shown when a cell ends without `show`, as in a notebook; in a
script they are printed. No torch.
"""

from __future__ import annotations

import base64
import io
import sys
from typing import Any

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from engine import redrawing
from engine.matplotlib_charts import WIDEST, as_sheet, as_text
from engine.sheets import draw
from engine.terminal import columns

NAME = "module://engine.matplotlib_backend"
PNG_DPI = 100


class FigureManager(FigureManagerBase):
    """Shows a figure where the code runs: there is no window."""

    def show(self) -> None:
        """Show this figure."""
        display(self.canvas.figure)

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """`plt.show()`: show all open figures, and close them."""
        try:
            for manager in Gcf.get_all_fig_managers():
                manager.show()
        finally:
            Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):
    """A sheet in memory, for what is shown as a picture."""

    manager_class = FigureManager


def display(figure: Figure) -> None:
    """Show one figure: as a display message of the running kernel, or printed."""
    shell = _shell()
    if shell is None:
        print(as_text(figure))
    else:
        shell.display_pub.publish(bundle(figure))


def show_in_cell(figure: Figure) -> bool:
    """Show a figure now, and close it, where the cell's end would; False in a script, where `show` does."""
    if _shell() is None:
        return False
    display(figure)
    Gcf.destroy_fig(figure)
    return True


def bundle(figure: Figure) -> dict[str, str]:
    """The figure by MIME type: text for a terminal, PNG in base64 for who can show it."""
    sheet = as_sheet(figure)
    text = draw(sheet, min(columns(), WIDEST))
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=PNG_DPI, bbox_inches="tight")
    picture = {"image/png": base64.b64encode(memory.getvalue()).decode("ascii")}
    return {**redrawing.bundle(text, None if sheet.is_afar else sheet), **picture}


def _shell() -> Any:
    """The shell of the running kernel; None in a script."""
    module: Any = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


def _show_what_is_left() -> None:
    """A cell has ended: show what it drew and did not show."""
    if Gcf.get_all_fig_managers():
        FigureManager.pyplot_show()


def _as_last_value(figure: Figure, printer: Any, cycle: bool) -> None:
    """A figure as the last line of a cell is shown once, not a second time when the cell ends."""
    printer.text(as_text(figure))
    Gcf.destroy_fig(figure)


def _join_kernel() -> None:
    shell = _shell()
    if shell is not None:
        shell.events.register("post_execute", _show_what_is_left)
        shell.display_formatter.formatters["text/plain"].for_type(Figure, _as_last_value)


_join_kernel()
