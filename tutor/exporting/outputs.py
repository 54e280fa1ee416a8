"""What runs put out, as the `outputs` of nbformat 4. A training becomes one picture of its curves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.events import Event
from tutor.exporting.charts import picture
from tutor.kernel.events import ErrorRaised, Output, OutputCleared, StreamWritten, TrainingReported, ValueShown

Made = dict[str, Any]


def as_nbformat(outputs: Iterable[Output]) -> list[Made]:
    """The outputs of one run, as Jupyter would have kept them."""
    made: list[Made] = []
    places: dict[str, Made] = {}
    training: list[Event] = []
    chart: Made | None = None
    clear = False
    for output in outputs:
        if isinstance(output, OutputCleared):
            clear = True
            if output.wait:
                continue
        if clear:
            made, places, training, chart, clear = [], {}, [], None, False
        match output:
            case StreamWritten():
                last = made[-1] if made else None
                if last is not None and last.get("name") == output.name:
                    last["text"] += output.text
                else:
                    made.append({"output_type": "stream", "name": output.name, "text": output.text})
            case ValueShown():
                _shown(output, made, places)
            case TrainingReported():
                training += output.events
                if chart is None:
                    chart = {"output_type": "display_data", "data": {}, "metadata": {}}
                    made.append(chart)
            case ErrorRaised():
                made.append(
                    {
                        "output_type": "error",
                        "ename": output.name,
                        "evalue": output.value,
                        "traceback": list(output.traceback),
                    }
                )
    if chart is not None:
        chart["data"] = picture(training)
    return made


def _shown(output: ValueShown, made: list[Made], places: dict[str, Made]) -> None:
    data = dict(output.data)
    if output.replaces and output.display_id in places:
        places[output.display_id]["data"] = data
        return
    kind = "execute_result" if output.is_result else "display_data"
    one: Made = {"output_type": kind, "data": data, "metadata": {}}
    if output.is_result:
        one["execution_count"] = None
    made.append(one)
    if output.display_id is not None:
        places[output.display_id] = one
