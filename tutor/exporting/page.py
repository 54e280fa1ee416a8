"""A lesson as one page of HTML that needs no network and runs no script: styles, pictures and formulas are in it.

Nothing of a notebook's reaches the page as HTML: Markdown is rendered with HTML switched off, outputs are escaped, and
pictures are shown as images, in which a browser runs nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from lessons.model import CodeCell, Exercise, Prose
from lessons.notebook import plain_prose, quiz_markdown
from tutor.exporting.kept import Kept
from tutor.exporting.outputs import as_nbformat
from tutor.exporting.texts import PICTURES, picture_bytes, text_of
from tutor.figures.gallery import Gallery
from tutor.figures.sources import Unshown
from tutor.math import FULL, display, inline
from tutor.prose.directives import directive_of

STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 17px/1.55 system-ui, sans-serif; color: #1d2433; }
h1, h2, h3 { line-height: 1.25; } a { color: #0b57a4; } img { max-width: 100%; }
pre { font: 14px/1.45 ui-monospace, monospace; overflow-x: auto; padding: .7rem .9rem; border-radius: 4px; }
.code { background: #f4f6fa; border-left: 3px solid #6d86b8; } .output { margin-left: 1rem; background: none; }
.error { color: #a3261b; } .formula { background: none; text-align: left; margin-left: 2rem; }
blockquote { border-left: 3px solid #c9d2e3; margin-left: 0; padding-left: 1rem; color: #3c465a; }
table { border-collapse: collapse; } td, th { padding: .2rem .7rem; border-bottom: 1px solid #d8deea; }
code { background: #f4f6fa; padding: 0 .2em; } pre code { background: none; padding: 0; }
"""


def page(kept: Kept) -> str:
    """The document."""
    lesson = kept.lesson
    formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
    body = "\n".join(_body(kept, formatter))
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{escape(lesson.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(lesson.title)}</title>\n"
        f"<style>{STYLE}{formatter.get_style_defs('.code')}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(kept: Kept, formatter: HtmlFormatter[str]) -> Iterator[str]:
    renderer = _renderer()
    env = {"gallery": Gallery(kept.lesson.path)}
    steps = kept.lesson.steps
    first = steps[0] if steps else None
    if not (isinstance(first, Prose) and first.markdown.lstrip().startswith("# ")):
        yield f"<h1>{escape(kept.lesson.title)}</h1>"
    for step in steps:
        if isinstance(step, Prose):
            yield renderer.render(plain_prose(step.markdown), env)
        elif isinstance(step, CodeCell | Exercise):
            source = kept.sources.get(step.id, step.source)
            yield f'<pre class="code"><code>{highlight(source, PythonLexer(), formatter)}</code></pre>'
            for output in as_nbformat(kept.outputs.get(step.id, ())):
                yield _output(output)
        else:
            yield renderer.render(quiz_markdown(step).replace("<details>", "").replace("</details>", ""), env)


def _output(output: Mapping[str, Any]) -> str:
    data = output.get("data", {})
    for mime, _suffix in PICTURES:
        if (picture := picture_bytes(data, mime)) is not None:
            encoded = base64.b64encode(picture).decode()
            words = escape(text_of(output), quote=True)
            return f'<p class="output"><img src="data:{mime};base64,{encoded}" alt="{words}"></p>'
    kind = " error" if output["output_type"] == "error" or output.get("name") == "stderr" else ""
    return f'<pre class="output{kind}">{escape(text_of(output))}</pre>'


def _renderer() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}, renderer_cls=RendererHTML)
    made.enable(["table", "strikethrough"])
    dollarmath_plugin(made, allow_space=False, allow_digits=True, double_inline=True)
    colon_fence_plugin(made)
    footnote_plugin(made, inline=False)
    for name in ("math_inline", "math_inline_double"):
        made.add_render_rule(name, _inline_formula)
    for name in ("math_block", "math_block_label"):
        made.add_render_rule(name, _formula)
    made.add_render_rule("colon_fence", _directive)
    made.add_render_rule("image", _image)
    made.add_render_rule("fence", _fence)
    return made


def _image(_self: RendererHTML, tokens: Sequence[Token], at: int, _o: OptionsDict, env: EnvType) -> str:
    return _picture(str(tokens[at].attrs.get("src", "")), tokens[at].content, env["gallery"])


def _picture(src: str, words: str, gallery: Gallery) -> str:
    """The picture itself, so that the page needs no other file; or its words, and why it is not there."""
    alt = escape(words, quote=True)
    if src.startswith("data:image/"):
        return f'<img src="{escape(src, quote=True)}" alt="{alt}">'
    try:
        return f'<img src="{gallery.embedded(src)}" alt="{alt}">'
    except Unshown as reason:
        if src.startswith(("http://", "https://")):
            return f'<a href="{escape(src, quote=True)}">{alt or escape(src)}</a>'
        return f"<em>{alt or escape(src)}</em> ({escape(str(reason))})"


def _fence(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    directive = directive_of(tokens[at].info, tokens[at].content)
    if directive is None or directive.kind != "figure":
        return RendererHTML.fence(self, tokens, at, options, env)
    picture = _picture(directive.title, directive.alt or directive.title, env["gallery"])
    return f"<figure>{picture}<figcaption>{escape(directive.body.strip())}</figcaption></figure>\n"


def _inline_formula(_self: RendererHTML, tokens: Sequence[Token], at: int, _o: OptionsDict, _e: EnvType) -> str:
    return f"<em>{escape(inline(tokens[at].content, FULL))}</em>"


def _formula(_self: RendererHTML, tokens: Sequence[Token], at: int, _o: OptionsDict, _e: EnvType) -> str:
    lines = "\n".join(display(tokens[at].content, 90, FULL).lines)
    return f'<pre class="formula">{escape(lines)}</pre>\n'


def _directive(_self: RendererHTML, tokens: Sequence[Token], at: int, _o: OptionsDict, _e: EnvType) -> str:
    if tokens[at].info.startswith(("{figure}", "{image}")):
        return _fence(_self, tokens, at, _o, _e)
    return f"<pre>{escape(tokens[at].info)}\n{escape(tokens[at].content)}</pre>\n"
