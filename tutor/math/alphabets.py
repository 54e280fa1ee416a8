"""Letters in other shapes: bold, calligraphic, raised, lowered; and ASCII for the rest. Facts about Unicode."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits

from tutor.math.profiles import Profile
from tutor.math.symbols import SYMBOLS
from tutor.math.tree import Symbol

_GREEK_UPPER = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡϴΣΤΥΦΧΨΩ∇"
_GREEK_LOWER = "αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ"


def _run(letters: str, first: int, **exceptions: str) -> dict[int, str]:
    return {ord(letter): exceptions.get(letter, chr(first + place)) for place, letter in enumerate(letters)}


_LETTERS: dict[str, dict[int, str]] = {
    "bf": {
        **_run(ascii_uppercase, 0x1D400),
        **_run(ascii_lowercase, 0x1D41A),
        **_run(digits, 0x1D7CE),
        **_run(_GREEK_UPPER, 0x1D6A8),
        **_run(_GREEK_LOWER, 0x1D6C2),
    },
    "cal": {
        **_run(ascii_uppercase, 0x1D49C, B="ℬ", E="ℰ", F="ℱ", H="ℋ", I="ℐ", L="ℒ", M="ℳ", R="ℛ"),
        **_run(ascii_lowercase, 0x1D4B6, e="ℯ", g="ℊ", o="ℴ"),
    },
    "bb": {
        **_run(ascii_uppercase, 0x1D538, C="ℂ", H="ℍ", N="ℕ", P="ℙ", Q="ℚ", R="ℝ", Z="ℤ"),
        **_run(ascii_lowercase, 0x1D552),
        **_run(digits, 0x1D7D8),
    },
    "frak": {
        **_run(ascii_uppercase, 0x1D504, C="ℭ", H="ℌ", I="ℑ", R="ℜ", Z="ℨ"),
        **_run(ascii_lowercase, 0x1D51E),
    },
    "sf": {**_run(ascii_uppercase, 0x1D5A0), **_run(ascii_lowercase, 0x1D5BA), **_run(digits, 0x1D7E2)},
    "tt": {**_run(ascii_uppercase, 0x1D670), **_run(ascii_lowercase, 0x1D68A), **_run(digits, 0x1D7F6)},
}
_BASIC_PLANE_BB = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
"""Double-struck letters that every font has: they stay in the plain-letters profile."""

SUPERSCRIPTS: dict[str, str] = {
    **dict(zip("0123456789+−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾", strict=True)),
    **dict(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)),
    **dict(zip("ABDEGHIJKLMNOPRTUVW", "ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True)),
    **dict(zip("βγδθφχ", "ᵝᵞᵟᶿᵠᵡ", strict=True)),
    "⊤": "ᵀ", "*": "*", "′": "′", "†": "†", "‡": "‡", "∘": "°",
}  # fmt: skip
"""No look-alikes, but for ⊤, which every book sets as a raised T, and marks that are raised already."""

SUBSCRIPTS: dict[str, str] = {
    **dict(zip("0123456789+−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True)),
    **dict(zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)),
    **dict(zip("βγρφχ", "ᵦᵧᵨᵩᵪ", strict=True)),
}

_ASCII: dict[str, str] = {
    "−": "-", "·": "*", "×": "x", "∗": "*", "⋆": "*", "∘": "o", "∞": "inf", "∂": "d", "∇": "grad", "…": "...",
    "⋯": "...", "⋮": ":", "⋱": "...", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~=", "≡": "==", "∼": "~", "→": "->",
    "←": "<-", "↔": "<->", "⇒": "=>", "⇐": "<==", "⇔": "<=>", "⟹": "==>", "⟸": "<==", "⟺": "<=>", "↦": "|->",
    "⟶": "-->", "⟵": "<--", "∈": "in", "∉": "not in", "∣": "|", "‖": "||", "∥": "||", "⊤": "T", "′": "'",
    "⟨": "<", "⟩": ">", "∑": "sum", "∏": "prod", "∫": "int", "±": "+-", "∓": "-+", "⊙": "(*)", "⊕": "(+)",
    "⊗": "(x)", "≪": "<<", "≫": ">>", "≔": ":=", "∖": "\\", "ℓ": "l", "√": "sqrt", "°": "deg", "†": "+",
    "∅": "{}", "⌊": "|_", "⌋": "_|", "⌈": "|^", "⌉": "^|", "⟦": "[[", "⟧": "]]", "ϵ": "epsilon", "ε": "epsilon",
    "ϕ": "phi", "φ": "phi", "∝": "prop to", "¬": "not ", "⊂": "subset of", "⊆": "subset of", "⋃": "union",
    "⋂": "intersection", "∪": "union", "∩": "intersection", "∀": "for all ", "∃": "exists ", "‵": "'",
}  # fmt: skip
_NAME_OF = {symbol.text: name for name, symbol in reversed(SYMBOLS.items())}


@lru_cache(maxsize=2048)
def in_font(text: str, font: str, profile: Profile) -> str:
    """`text` in an alphabet: as it is where the alphabet or the profile has no such letters."""
    letters = _LETTERS.get(font)
    if letters is None:
        return text
    if profile.ascii:
        return text
    if profile.plain_letters:
        return "".join(_BASIC_PLANE_BB.get(letter, letter) for letter in text) if font == "bb" else text
    return text.translate(letters)


@lru_cache(maxsize=2048)
def glyph(symbol: Symbol, profile: Profile) -> str:
    """What is drawn for a symbol."""
    text = in_font(symbol.text, symbol.font, profile) if symbol.font else symbol.text
    return plain(text) if profile.ascii else text


def plain(text: str) -> str:
    """ASCII for one of our characters: a look-alike, else its TeX name. Letters of other languages stay."""
    if text.isascii():
        return text
    return _ASCII.get(text) or _NAME_OF.get(text, text)
