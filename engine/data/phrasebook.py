"""English sentences and their French, made by a small grammar: the stand-in for the pairs of the book. No torch.

Short everyday sentences with what makes translating more than a dictionary: verbs that agree with their subject,
adjectives that agree in gender and number, negation in two parts, elision, and adjectives that change places.
The same pairs for the same seed, short ones first, as in the real file.
"""

from __future__ import annotations

import random
from functools import lru_cache

# English, its form of "to be", French, its "être", person for the verb endings, feminine, plural.
_SUBJECTS = (
    ("i", "am", "je", "suis", 0, False, False),
    ("you", "are", "tu", "es", 1, False, False),
    ("he", "is", "il", "est", 2, False, False),
    ("she", "is", "elle", "est", 2, True, False),
    ("tom", "is", "tom", "est", 2, False, False),
    ("mary", "is", "marie", "est", 2, True, False),
    ("we", "are", "nous", "sommes", 3, False, True),
    ("they", "are", "ils", "sont", 4, False, True),
)
_ENDINGS = ("e", "es", "e", "ons", "ent")  # of the regular verbs in -er
_VERBS = (
    "love:loves:aim like:likes:ador look+for:looks+for:cherch find:finds:trouv watch:watches:regard "
    "carry:carries:port give:gives:donn show:shows:montr close:closes:ferm forget:forgets:oubli wash:washes:lav "
    "count:counts:compt cut:cuts:coup draw:draws:dessin listen+to:listens+to:écout prepare:prepares:prépar "
    "break:breaks:cass keep:keeps:gard hide:hides:cach touch:touches:touch"
)
_NOUNS = (
    "book:livre:m house:maison:f dog:chien:m cat:chat:m car:voiture:f garden:jardin:m flower:fleur:f door:porte:f "
    "bread:pain:m cheese:fromage:m table:table:f chair:chaise:f letter:lettre:f key:clé:f window:fenêtre:f "
    "picture:photo:f boat:bateau:m train:train:m box:boîte:f cup:tasse:f knife:couteau:m hat:chapeau:m coat:manteau:m "
    "street:rue:f river:rivière:f mountain:montagne:f song:chanson:f film:film:m child:enfant:e "
    "friend:ami:e tree:arbre:e"
)
_FEELINGS = (
    "tired:fatigué happy:content:contente sad:triste calm:calme rich:riche poor:pauvre sick:malade busy:occupé "
    "lost:perdu young:jeune strong:fort:forte ready:prêt:prête tall:grand:grande small:petit:petite "
    "late:en+retard:en+retard"
)
_COLOURS = "red:rouge green:vert:verte black:noir:noire yellow:jaune blue:bleu:bleue heavy:lourd:lourde clean:propre"
_CALLS = (
    ("go .", "va !"), ("hi .", "salut !"), ("run !", "cours !"), ("wait .", "attends !"), ("stop !", "arrête !"),
    ("help !", "à l'aide !"), ("i lost .", "j'ai perdu ."), ("i won .", "j'ai gagné ."),
    ("he's calm .", "il est calme ."),
    ("i'm home .", "je suis chez moi ."), ("come in .", "entrez !"), ("thank you .", "merci ."),
    ("good night .", "bonne nuit ."),
)  # fmt: skip


@lru_cache(maxsize=2)
def pairs(n: int = 3000, seed: int = 1) -> tuple[tuple[str, str], ...]:
    """About `n` different pairs (English, French): lower case, words and marks apart."""
    dice = random.Random(seed)
    made = dict(_CALLS)
    for _ in range(20 * n):
        if len(made) >= n:
            break
        english, french = dice.choices((_feeling, _action, _description), (4, 5, 3))[0](dice)
        made.setdefault(english, french)
    # Mixed among neighbours of a length, so that the first few hundred are short and yet of every kind.
    return tuple(sorted(made.items(), key=lambda pair: len(pair[0].split()) + dice.random() * 2))


def _feeling(dice: random.Random) -> tuple[str, str]:
    """`she is not tired .` — `elle n'est pas fatiguée .`"""
    english, am, french, suis, _, feminine, plural = dice.choice(_SUBJECTS)
    feeling, masculine, *other = dice.choice(_FEELINGS.split()).replace("+", " ").split(":")
    adjective = masculine
    if " " not in masculine:
        if feminine:
            adjective = other[0] if other else masculine + ("" if masculine.endswith("e") else "e")
        adjective += "s" if plural else ""
    form = dice.random()
    if form < 0.25:
        return f"{english} {am} not {feeling} .", f"{french} {_not(suis)} pas {adjective} ."
    if form < 0.4:
        return f"{am} {english} {feeling} ?", f"est-ce {_that(french)} {suis} {adjective} ?"
    return f"{english} {am} {feeling} .", f"{french} {suis} {adjective} ."


def _action(dice: random.Random) -> tuple[str, str]:
    """`i do not love the cat .` — `je n'aime pas le chat .`"""
    english, am, french, _, person, _, _ = dice.choice(_SUBJECTS)
    verb, verbs, stem = dice.choice(_VERBS.split()).replace("+", " ").split(":")
    does, do = (verbs, "does") if am == "is" else (verb, "do")
    verbe = stem + _ENDINGS[person]
    thing, chose = _thing(dice)
    form = dice.random()
    if form < 0.25:
        return f"{english} {do} not {verb} {thing} .", f"{french} {_not(verbe)} pas {chose} ."
    subject = "j'" if french == "je" and _is_open(verbe) else f"{french} "
    return f"{english} {does} {thing} .", f"{subject}{verbe} {chose} ."


def _description(dice: random.Random) -> tuple[str, str]:
    """`the red car is heavy .` — `la voiture rouge est lourde .`"""
    thing, chose = _thing(dice)
    colour, couleur = _agreeing(dice, feminine=chose.startswith(("la ", "ma ")))
    return f"{thing} is {colour} .", f"{chose} est {couleur} ."


def _thing(dice: random.Random) -> tuple[str, str]:
    noun, nom, gender = dice.choice(_NOUNS.split()).split(":")
    mine, coloured = dice.random() < 0.3, dice.random() < 0.25
    colour, couleur = _agreeing(dice, feminine=gender == "f")
    if gender == "e":  # begins with a vowel; masculine
        article = "mon " if mine else "l'"
    else:
        article = ("ma " if gender == "f" else "mon ") if mine else ("la " if gender == "f" else "le ")
    owner = "my" if mine else "the"
    if coloured:
        return f"{owner} {colour} {noun}", f"{article}{nom} {couleur}"
    return f"{owner} {noun}", f"{article}{nom}"


def _agreeing(dice: random.Random, *, feminine: bool) -> tuple[str, str]:
    english, masculine, *other = dice.choice(_COLOURS.split()).split(":")
    return english, other[0] if feminine and other else masculine


def _is_open(word: str) -> bool:
    return word[0] in "aeiouhéèê"


def _not(verb: str) -> str:
    return f"n'{verb}" if _is_open(verb) else f"ne {verb}"


def _that(subject: str) -> str:
    return f"qu'{subject}" if _is_open(subject) else f"que {subject}"
