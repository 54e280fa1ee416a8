"""Lessons and notebooks as files for others: Jupyter, Markdown, Python, HTML. It joins the record's outputs and the
engine's charts to the writers of `lessons`; no screen and no kernel."""
