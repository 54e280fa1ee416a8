"""Code blocks to spans, by pygments, which is imported when the first block with a language is met."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tutor.prose.lines import Line, Span, joined, neutral

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_TAB = 4
_ALIASES = {
    "py": "python",
    "python3": "python",
    "ipython": "python",
    "ipython3": "python",
    "sh": "bash",
    "shell": "bash",
}
_PLAIN = frozenset({"", "text", "txt", "plain", "none", "output"})

# By the name of the pygments token, the longest prefix wins.
_ROLE_OF_TOKEN = {
    "Keyword": "code-keyword",
    "Keyword.Constant": "code-builtin",
    "Operator.Word": "code-keyword",
    "Operator": "code-operator",
    "Name.Builtin": "code-builtin",
    "Name.Builtin.Pseudo": "code-text",
    "Name.Exception": "code-builtin",
    "Name.Function": "code-function",
    "Name.Class": "code-class",
    "Name.Decorator": "code-decorator",
    "Name.Tag": "code-keyword",
    "Literal.String": "code-string",
    "Literal.Number": "code-number",
    "Comment": "code-comment",
    "Generic.Prompt": "code-prompt",
    "Generic.Output": "code-output",
    "Generic.Traceback": "code-output",
    "Generic.Inserted": "code-inserted",
    "Generic.Deleted": "code-deleted",
}


@lru_cache(maxsize=256)
def highlighted(source: str, language: str) -> tuple[Line, ...]:
    """The lines of `source`, coloured by what each token is. An unknown language is plain."""
    source = neutral(source).expandtabs(_TAB).rstrip("\n")
    lexer = _lexer(_ALIASES.get(language.lower(), language.lower()))
    tokens = [] if lexer is None else list(lexer.get_tokens(source + "\n"))
    if "".join(text for _, text in tokens) != source + "\n":  # no lexer, or one that changes what it reads
        return tuple(joined([Span(line, "code-text")]) for line in source.split("\n"))
    lines: list[Line] = []
    line: list[Span] = []
    for token, text in tokens:
        role = _role(str(token))
        for count, part in enumerate(text.split("\n")):
            if count:
                lines.append(joined(line))
                line = []
            line.append(Span(part, role))
    return tuple(lines)


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer | None:
    if language in _PLAIN:
        return None
    from pygments.lexers import get_lexer_by_name  # 30 ms or so: not before a block needs it
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def _role(token: str) -> str:
    name = token.removeprefix("Token.")
    while name:
        if name in _ROLE_OF_TOKEN:
            return _ROLE_OF_TOKEN[name]
        name = name.rpartition(".")[0]
    return "code-text"
