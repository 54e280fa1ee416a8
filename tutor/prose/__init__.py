"""Markdown to lines of styled text, for the lesson screen and the console alike. Knows neither Textual nor Rich."""

from tutor.prose.layout import lay_out
from tutor.prose.lines import ROLES, Line, Span, line_text, line_width
from tutor.prose.outline import Formula, Heading, Link, formulas, headings, images, links
from tutor.prose.terms import TERM, placed

__all__ = [
    "ROLES",
    "TERM",
    "Formula",
    "Heading",
    "Line",
    "Link",
    "Span",
    "formulas",
    "headings",
    "images",
    "lay_out",
    "line_text",
    "line_width",
    "links",
    "placed",
]
