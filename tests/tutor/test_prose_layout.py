"""Markdown laid out as lines: what a reader sees, block by block."""

from __future__ import annotations

import pytest

from tutor.math import ASCII
from tutor.prose import ROLES, Line, Span, formulas, headings, lay_out, line_text, line_width, links


def page(markdown: str, width: int = 40, **options: object) -> list[str]:
    return [line_text(line) for line in lay_out(markdown, width, **options)]  # type: ignore[arg-type]


def spans(markdown: str, role: str, width: int = 60) -> list[Span]:
    return [span for line in lay_out(markdown, width) for span in line if span.role == role]


def test_paragraphs_wrap_and_are_parted_by_a_blank_line() -> None:
    assert page("one two three four\nfive\n\nsix", 14) == ["one two three", "four five", "", "six"]


def test_a_hard_break_ends_the_line() -> None:
    assert page("one\\\ntwo") == ["one", "two"]


def test_a_word_wider_than_the_line_is_cut() -> None:
    assert page("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@pytest.mark.parametrize(
    ("source", "role", "text"),
    [
        ("**a**", "strong", "a"),
        ("*a*", "emphasis", "a"),
        ("***a***", "strong-emphasis", "a"),
        ("~~a~~", "strike", "a"),
        ("`a b`", "code", "a b"),
        ("$x_i$", "math", "xᵢ"),
        ("$\\nonsense$", "math-raw", "\\nonsense"),
        ("# T", "heading-1", "T"),
        ("### *T*", "strong-emphasis", "T"),
        ("![alt](a.png)", "image", "[alt]"),
        ("---", "rule", "─" * 60),
        ("> q", "quote", "q"),
    ],
)
def test_what_a_text_means_is_its_role(source: str, role: str, text: str) -> None:
    assert [span.text for span in spans(source, role)] == [text]


def test_every_role_that_is_used_is_documented() -> None:
    used = {span.role for line in lay_out(EVERYTHING, 60) for span in line}
    assert used <= set(ROLES)
    assert len(used) > 30


def test_links_keep_their_target_over_a_break_and_through_code() -> None:
    lines = lay_out("[a link `with` code](https://example.org/x) after", 12)
    linked = [span for line in lines for span in line if span.link == "https://example.org/x"]
    assert "".join(span.text for span in linked).replace(" ", "") == "alinkwithcode"
    assert {span.role for span in linked} == {"link", "code"}
    assert [span.link for line in lines for span in line if "after" in span.text] == [None]


def test_lists_hang_and_nest() -> None:
    assert page("- one two three four\n  - inner\n- last", 14) == ["• one two", "  three four", "  ◦ inner", "• last"]


def test_numbers_of_a_list_line_up() -> None:
    markdown = "\n".join(f"{number}. item" for number in range(9, 12))
    assert page(markdown) == [" 9. item", "10. item", "11. item"]


def test_a_loose_list_has_blank_lines() -> None:
    assert page("- a\n\n- b") == ["• a", "", "• b"]


def test_tasks_show_their_box_every_time_they_are_laid_out() -> None:
    markdown = "- [ ] open\n- [x] done"
    for width in (40, 41):  # the second time from the parsed tree that is kept
        assert page(markdown, width) == ["☐ open", "☑ done"]


def test_admonitions_have_a_bar_and_a_title() -> None:
    lines = lay_out(":::{tip} Try it\nAdd 100.\n:::", 40)
    assert [line_text(line) for line in lines] == ["▎ Try it", "▎ Add 100."]
    assert lines[0][0].role == "admonition-tip-bar"
    assert lines[0][-1].role == "admonition-tip-title"


@pytest.mark.parametrize("kind", ["note", "tip", "warning", "important"])
def test_an_admonition_without_a_title_has_the_name_of_its_kind(kind: str) -> None:
    assert page(f"```{{{kind}}}\ntext\n```") == [f"▎ {kind.capitalize()}", "▎ text"]


def test_options_of_a_directive_are_not_shown() -> None:
    assert page(":::{note}\n:class: dropdown\ntext\n:::") == ["▎ Note", "▎ text"]


def test_blocks_stand_inside_admonitions() -> None:
    assert page(":::{note}\n- a\n\n$$\nx\n$$\n:::", 30)[1:] == ["▎ • a", "▎", "▎   x"]


def test_code_keeps_its_blanks_and_has_colours() -> None:
    lines = lay_out('```python\ndef f(x):\n    return "a"  # why\n```', 60)
    assert [line_text(line) for line in lines] == ["  def f(x):", '      return "a"  # why']
    roles = {span.role for line in lines for span in line}
    assert {"code-keyword", "code-function", "code-string", "code-comment"} <= roles


@pytest.mark.parametrize("language", ["", "console", "no-such-language", "diff", "text", "yaml", "c++"])
def test_no_language_loses_code(language: str) -> None:
    code = "$ one\n- two: {x}\n\n+ three"
    assert [line[2:] for line in page(f"```{language}\n{code}\n```", 60)] == code.split("\n")


def test_a_long_line_of_code_is_wrapped_with_a_mark() -> None:
    assert page("```\naaaa bbbb cccc\n```", 12) == ["  aaaa bbbb", "  ↪ cccc"]


def test_display_formulas_are_indented() -> None:
    assert page("$$\n\\frac{a}{b}\n$$") == ["     a", "    ───", "     b"]
    assert page("```{math}\nx\n```") == ["    x"]


def test_a_formula_that_no_break_makes_narrow_becomes_running_text() -> None:
    matrix = "\\begin{bmatrix}" + " & ".join("abcdefghijkl") + "\\end{bmatrix}"
    lines = lay_out(f"$$\n{matrix}\n$$", 20)
    assert max(line_width(line) for line in lines) <= 20
    assert "".join(line_text(line).strip() for line in lines).replace(",", "").replace(" ", "") == "[abcdefghijkl]"


def test_a_short_formula_is_not_broken_in_a_sentence() -> None:
    assert page("aaaa bbbb $x + y$ cc", 14) == ["aaaa bbbb", "x + y cc"]


def test_dollars_of_a_price_are_no_formula() -> None:
    assert page("It costs $5 or $6.") == ["It costs $5 or $6."]


def test_a_table_takes_no_more_width_than_it_needs() -> None:
    assert page("| a | b |\n|---|---|\n| 1 | 2 |") == ["a  b", "────", "1  2"]


def test_columns_that_are_too_wide_wrap_and_keep_their_alignment() -> None:
    markdown = "| a | b |\n|---|--:|\n| one | two three four five six |\n| x | 1 |"
    assert page(markdown, 24) == [
        "a                      b",
        "─" * 24,
        "one  two three four five",
        "                     six",
        "",
        "x                      1",
    ]


def test_a_table_that_cannot_fit_becomes_records() -> None:
    names = [f"column{number}" for number in range(6)]
    row = [f"value{number}" for number in range(6)]
    markdown = "\n".join("| " + " | ".join(cells) + " |" for cells in (names, ["---"] * 6, row, row))
    lines = page(markdown, 30)
    assert lines[:6] == [f"{name}: {value}" for name, value in zip(names, row, strict=True)]
    assert lines[6] == ""


def test_footnotes_stand_at_the_end() -> None:
    assert page("Text[^n] goes on.\n\n[^n]: The note.") == ["Text¹ goes on.", "", "────────────", "¹ The note."]


def test_html_is_text() -> None:
    assert page("<b>bold</b> &amp; <script>x</script>") == ["<b>bold</b> & <script>x</script>"]


def test_chinese_wraps_between_characters_and_never_before_its_punctuation() -> None:
    lines = page("中文段落也要能够正确地换行，因为终端里每个汉字占两个单元格。他说“好”。", 12)
    assert all(line[0] not in "，。”" and line[-1] != "“" for line in lines)
    assert "".join(lines) == "中文段落也要能够正确地换行，因为终端里每个汉字占两个单元格。他说“好”。"


def test_a_line_break_in_chinese_source_is_no_space() -> None:
    assert page("中文\n段落") == ["中文段落"]


def test_ascii_profile_draws_nothing_but_ascii() -> None:
    assert all(line.isascii() for line in page(EVERYTHING, 60, profile=ASCII))


def test_headings_are_listed_with_their_lines() -> None:
    found = headings("# A $x^2$\n\ntext\n\n## B `c`\n\n> ### quoted")
    assert [(heading.level, heading.text, heading.line) for heading in found] == [
        (1, "A x²", 0),
        (2, "B c", 4),
        (3, "quoted", 6),
    ]


def test_formulas_are_listed_as_their_author_wrote_them() -> None:
    markdown = "# $a$\n\n$$\nb + c\n$$\n\n- $d$\n\n:::{note} On $e$\n$$f$$\n:::\n\n```{math}\ng\n```\n\n`$h$`"
    assert [formula.tex for formula in formulas(markdown)] == ["a", "b + c", "d", "e", "f", "g"]
    assert [formula.tex for formula in formulas(markdown) if formula.is_display] == ["b + c", "f", "g"]


def test_links_are_listed_with_their_words_and_addresses() -> None:
    markdown = (
        "# [a *b*](https://a.org)\n\n- <https://b.org>\n\n:::{note} On [c](https://c.org)\n[d\ne](https://d.org)\n:::\n\n"
        "`[f](https://f.org)` [empty]()\n\n```python\n[g](https://g.org)\n```"
    )
    assert links(markdown) == [
        ("a b", "https://a.org"),
        ("https://b.org", "https://b.org"),
        ("c", "https://c.org"),
        ("d e", "https://d.org"),
    ]


EVERYTHING = """\
# One $x$
## Two
### Three
#### Four
##### Five
###### Six

Text with **strong**, *emphasis*, ***both***, ~~struck~~, `code`, $x_{xf}$, $\\frac$, [link](https://example.org),
![i](i.png) and a note[^1].

- item
  - [ ] open
  - [x] done

> quote

:::{note}
x
:::
:::{tip}
x
:::
:::{warning}
x
:::
:::{important}
x
:::

| a | b |
|---|---|
| 1 | $\\alpha$ |

```python
@decorator
class A(Exception):
    def f(self): return len("s") + 1.5  # a very long comment that has to go on in the next line, with its mark
```

```diff
+ a
- b
```

```pycon
>>> print(1)
1
```

$$
\\sum_{i=1}^n \\frac{\\mathbf{x}_i}{\\sqrt{n}} \\in \\mathbb{R}
$$

---

[^1]: The note.
"""


def test_lines_are_made_of_spans_without_line_breaks() -> None:
    lines: list[Line] = lay_out(EVERYTHING, 60)
    assert all("\n" not in span.text and span.text for line in lines for span in line)
    assert lay_out(EVERYTHING, 60) == lines
