"""Errors that learners meet, explained: from an exception's name, words and traceback to what happened, the shapes
named, and to the lesson that teaches it. Text in, text out: no torch, no Textual, no kernel, no network."""

from tutor.explain.explaining import Explanation, explain

__all__ = ["Explanation", "explain"]
