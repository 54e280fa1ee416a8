"""TeX's names for characters, and each one's class of atom. Facts about TeX and Unicode, and nothing else."""

from __future__ import annotations

from tutor.math.tree import Symbol

_ORDINARY = """
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ lambda λ
mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ
omega ω
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω digamma ϝ
infty ∞ partial ∂ nabla ∇ forall ∀ exists ∃ nexists ∄ emptyset ∅ varnothing ∅ ell ℓ hbar ℏ hslash ℏ imath ı jmath ȷ
Re ℜ Im ℑ aleph ℵ beth ℶ wp ℘ complement ∁ angle ∠ measuredangle ∡ triangle △ square □ Box □ blacksquare ■ diamondsuit ♢
heartsuit ♡ clubsuit ♣ spadesuit ♠ flat ♭ natural ♮ sharp ♯ top ⊤ bot ⊥ prime ′ backprime ‵ degree ° checkmark ✓ dag †
dagger † ddagger ‡ S § P ¶ copyright © pounds £ yen ¥ euro € neg ¬ lnot ¬ surd √ eth ð mho ℧ bigstar ★ lozenge ◊
blacktriangle ▲ qed ∎ ldots … dots … dotsc … dotso … cdots ⋯ dotsb ⋯ dotsm ⋯ dotsi ⋯ vdots ⋮ ddots ⋱ adots ⋰ iddots ⋰
backslash \\ vert | Vert ‖ # # % % $ $ & & _ _ lbrace { rbrace } therefore ∴ because ∵ hdots … colon :
"""
_BINARY = """
pm ± mp ∓ times × div ÷ cdot · cdotp · bullet • ast * star ⋆ circ ∘ bigcirc ◯ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙
circledast ⊛ circledcirc ⊚ boxplus ⊞ boxminus ⊟ boxtimes ⊠ boxdot ⊡ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨
wedge ∧ land ∧ veebar ⊻ setminus ∖ smallsetminus ∖ wr ≀ amalg ⨿ diamond ⋄ bigtriangleup △ bigtriangledown ▽
triangleleft ◁ triangleright ▷ ltimes ⋉ rtimes ⋊ bmod mod intercal ⊺ dotplus ∔ barwedge ⊼ oast ⊛ Cap ⋒ Cup ⋓
"""
_RELATIONS = """
le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ll ≪ gg ≫ lll ⋘ ggg ⋙ ne ≠ neq ≠ equiv ≡ approx ≈ approxeq ≊ sim ∼ simeq ≃
cong ≅ propto ∝ varpropto ∝ asymp ≍ doteq ≐ coloneqq ≔ coloneq ≔ eqqcolon ≕ triangleq ≜ eqdef ≝ models ⊨ vdash ⊢ dashv ⊣
vDash ⊨ Vdash ⊩ prec ≺ succ ≻ preceq ⪯ succeq ⪰ preccurlyeq ≼ succcurlyeq ≽ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇
subsetneq ⊊ supsetneq ⊋ sqsubseteq ⊑ sqsupseteq ⊒ sqsubset ⊏ sqsupset ⊐ in ∈ ni ∋ owns ∋ notin ∉ nsubseteq ⊈ nsupseteq ⊉
mid ∣ nmid ∤ parallel ∥ nparallel ∦ perp ⟂ bowtie ⋈ smile ⌣ frown ⌢ lessapprox ⪅ gtrapprox ⪆ lesssim ≲ gtrsim ≳
lessgtr ≶ gtrless ≷ nless ≮ ngtr ≯ nleq ≰ ngeq ≱ trianglelefteq ⊴ trianglerighteq ⊵ between ≬ backsim ∽ thicksim ∼
thickapprox ≈ risingdotseq ≓ fallingdotseq ≒ Subset ⋐ Supset ⋑ eqsim ≂ bumpeq ≏ vartriangleleft ⊲ vartriangleright ⊳
to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸
iff ⟺ mapsto ↦ longmapsto ⟼ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸
Longleftrightarrow ⟺ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕ nearrow ↗ searrow ↘
swarrow ↙ nwarrow ↖ hookrightarrow ↪ hookleftarrow ↩ rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼
leftharpoondown ↽ rightleftharpoons ⇌ leftrightharpoons ⇋ leadsto ⇝ rightsquigarrow ⇝ twoheadrightarrow ↠
rightarrowtail ↣ nrightarrow ↛ nleftarrow ↚ nRightarrow ⇏ rightrightarrows ⇉ leftleftarrows ⇇ rightleftarrows ⇄
circlearrowleft ↺ circlearrowright ↻ curvearrowright ↷ upharpoonright ↾ restriction ↾ multimap ⊸ dashrightarrow ⇢
"""
_OPERATORS = """
sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigsqcup ⨆ bigvee ⋁ bigwedge ⋀ bigoplus ⨁
bigotimes ⨂ bigodot ⨀ biguplus ⨄ smallint ∫
"""
_OPENING = "langle ⟨ lfloor ⌊ lceil ⌈ { { lbrack [ llbracket ⟦ lvert | lVert ‖ lgroup ( ulcorner ⌜ llcorner ⌞"
_CLOSING = "rangle ⟩ rfloor ⌋ rceil ⌉ } } rbrack ] rrbracket ⟧ rvert | rVert ‖ rgroup ) urcorner ⌝ lrcorner ⌟"


def _table(listing: str, kind: str) -> dict[str, Symbol]:
    words = listing.split()
    return {name: Symbol(text, kind, name) for name, text in zip(words[::2], words[1::2], strict=True)}


SYMBOLS: dict[str, Symbol] = {
    **_table(_ORDINARY, "ord"),
    **_table(_BINARY, "bin"),
    **_table(_RELATIONS, "rel"),
    **_table(_OPERATORS, "op"),
    **_table(_OPENING, "open"),
    **_table(_CLOSING, "close"),
    "|": Symbol("‖", "ord", "Vert"),
    "colon": Symbol(":", "punct", "colon"),
}
"""By command name, without the backslash."""

NO_LIMITS = frozenset("∫∬∭∮")
"""Operators whose limits stand beside them."""

FUNCTIONS = frozenset(
    "log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan arg deg dim hom ker".split()  # noqa: SIM905
)
LIMIT_FUNCTIONS = frozenset(
    "max min sup inf lim limsup liminf det gcd Pr argmax argmin injlim projlim".split()  # noqa: SIM905
)
"""Functions whose subscript stands under them."""

DELIMITERS = frozenset("()[]|/.<>") | frozenset("⟨⟩⌊⌋⌈⌉‖↑↓⟦⟧")
PAIRS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉", "⟦": "⟧"}

SPACES = {
    ",": 1, ":": 1, ">": 1, ";": 1, " ": 1, "!": -1, "quad": 2, "qquad": 4, "enspace": 1, "enskip": 1,
    "thinspace": 1, "medspace": 1, "thickspace": 1, "negthinspace": -1, "space": 1, "nobreakspace": 1,
}  # fmt: skip

NEGATED = str.maketrans("=∈<>≤≥∼≈≡⊂⊃⊆⊇∣∥∃∋→←≅≃", "≠∉≮≯≰≱≁≉≢⊄⊅⊈⊉∤∦∄∌↛↚≇≄")
"""What `\\not` makes of a relation."""

_CHARACTER_KINDS = {
    **dict.fromkeys("+*±×÷·∘⊙⊕⊗∩∪∧∨∖", "bin"),
    **dict.fromkeys("=<>:≤≥≠≈≡∼∈∉⊂⊆→←↔⇒⇔↦∣≪≫∝≔", "rel"),
    **dict.fromkeys(",;", "punct"),
    **dict.fromkeys("([⟨⌊⌈", "open"),
    **dict.fromkeys(")]⟩⌋⌉", "close"),
    **dict.fromkeys("!?", "close"),
    **dict.fromkeys("∑∏∫⋃⋂", "op"),
}
_CHARACTERS: dict[str, Symbol] = {"-": Symbol("−", "bin", "-"), "'": Symbol("′", "ord", "prime")}


def character(text: str, font: str = "") -> Symbol:
    """The symbol that a character of the source is."""
    known = _CHARACTERS.get(text)
    return known if known is not None else Symbol(text, _CHARACTER_KINDS.get(text, "ord"), "", font)
