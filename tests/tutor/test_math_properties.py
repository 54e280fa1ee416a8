"""What holds for every formula: nothing is lost, pictures are rectangles, widths are kept, nothing raises."""

from __future__ import annotations

import unicodedata
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.math import ASCII, FULL, PLAIN_LETTERS, Profile, display, inline, readable
from tutor.math.cells import cells

PROFILES = st.sampled_from([FULL, PLAIN_LETTERS, ASCII])
WIDTHS = st.integers(min_value=1, max_value=120)

letters = st.sampled_from(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
symbols = st.sampled_from([*"+-=,<>", r"\alpha ", r"\times ", r"\in ", r"\leq ", r"\cdot ", r"\partial ", r"\mid "])
fonts = st.sampled_from(["mathbf", "mathcal", "mathbb", "mathrm", "mathsf", "boldsymbol", "text", "hat", "overline"])
environments = st.sampled_from(["bmatrix", "pmatrix", "cases", "aligned", "vmatrix"])


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("\\frac{{{}}}{{{}}}".format, inner, inner),
        st.builds("{}_{{{}}}^{{{}}}".format, letters, inner, inner),
        st.builds("\\sum_{{{}}}^{{{}}} {}".format, inner, inner, inner),
        st.builds("\\left({}\\right)^{{{}}}".format, inner, inner),
        st.builds("\\sqrt[{}]{{{}}}".format, letters, inner),
        st.builds("\\{}{{{}}}".format, fonts.filter(lambda font: font != "text"), inner),
        st.builds("\\underbrace{{{}}}_{{{}}}".format, inner, inner),
        st.builds("\\overset{{{}}}{{{}}}".format, inner, letters),
        st.builds(
            lambda name, a, b, c: f"\\begin{{{name}}}{a} & {b} \\\\ {c}\\end{{{name}}}", environments, *[inner] * 3
        ),
    )


formulas = st.recursive(st.one_of(letters, symbols), _compound, max_leaves=12)


def _letters_in(text: str) -> Counter[str]:
    return Counter(character for character in unicodedata.normalize("NFKD", text) if character.isalnum())


def _letters_of_source(tex: str) -> Counter[str]:
    """The letters and digits that a reader must find again: none of commands and environments."""
    words, kept, place = tex, [], 0
    for name in ("bmatrix", "pmatrix", "cases", "aligned", "vmatrix"):
        words = words.replace(f"{{{name}}}", "")
    while place < len(words):
        if words[place] == "\\":
            place += 1
            while place < len(words) and words[place].isascii() and words[place].isalpha():
                place += 1
        else:
            kept.append(words[place])
            place += 1
    return _letters_in("".join(kept))


@given(formulas, PROFILES)
def test_no_letter_or_digit_is_lost_in_a_line(tex: str, profile: Profile) -> None:
    assert readable(tex, profile)
    assert not _letters_of_source(tex) - _letters_in(inline(tex, profile))


@given(formulas, WIDTHS, PROFILES)
def test_no_letter_or_digit_is_lost_in_two_dimensions(tex: str, width: int, profile: Profile) -> None:
    typeset = display(tex, width, profile)
    assert typeset.ok
    assert not _letters_of_source(tex) - _letters_in("".join(typeset.lines))


@given(formulas, WIDTHS, PROFILES)
def test_pictures_are_rectangles_that_have_their_baseline(tex: str, width: int, profile: Profile) -> None:
    typeset = display(tex, width, profile)
    assert len({cells(line) for line in typeset.lines}) == 1
    assert 0 <= typeset.baseline < len(typeset.lines)


@given(formulas, WIDTHS)
def test_ascii_is_ascii(tex: str, width: int) -> None:
    assert inline(tex, ASCII).isascii()
    assert "".join(display(tex, width, ASCII).lines).isascii()


@given(st.lists(st.tuples(st.sampled_from(["+", "-", "=", r"\leq", ","]), letters), min_size=1, max_size=40), WIDTHS)
def test_no_width_is_exceeded_where_breaking_is_possible(terms: list[tuple[str, str]], width: int) -> None:
    tex = "x" + "".join(f" {operator} {letter}" for operator, letter in terms)
    assert max(cells(line) for line in display(tex, max(12, width)).lines) <= max(12, width)


@given(st.text(max_size=80), WIDTHS, PROFILES)
def test_arbitrary_text_raises_nothing(text: str, width: int, profile: Profile) -> None:
    inline(text, profile)
    assert display(text, width, profile).lines


MARKS = list("\\{}[]()^_&$'~ ab1|/")
COMMANDS = [
    f"\\{name}" for name in ("frac", "left", "right", "sqrt", "hat", "sum", "not", "limits", "text", "middle", "over")
]
PARTS = [*MARKS, *COMMANDS, r"\begin{cases}", r"\end{cases}", r"\\", r"\tag", r"\substack", r"\begin{array}"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PARTS), max_size=25), PROFILES)
def test_scrambled_tex_raises_nothing(tokens: list[str], profile: Profile) -> None:
    tex = "".join(tokens)
    inline(tex, profile)
    assert display(tex, 40, profile).lines


def test_deep_nesting_is_given_back_and_not_followed() -> None:
    tex = "{" * 5000 + "x" + "}" * 5000
    assert not readable(tex)
    assert display(tex, 76).ok is False
    assert readable("{" * 20 + "x" + "}" * 20)


def test_a_formula_of_a_novel_s_length_is_given_back() -> None:
    assert not readable("x+" * 20_000)


def test_unreadable_tex_keeps_its_lines() -> None:
    assert display("\\nonsense{a}\n  b", 40).lines == ("\\nonsense{a}", "  b")
