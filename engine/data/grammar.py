"""A text that the engine writes itself: the stand-in for a novel where none is cached. No torch.

A small probabilistic grammar tells of a traveller and a machine. Each scene has its own few words that keep coming
back, the rest are drawn by Zipf's law. So a model of characters first learns spelling, then words, then which kind of
word follows which; the perplexity tells models apart as on a real text. The same text for the same seed.
"""

from __future__ import annotations

import random
from functools import lru_cache

_WORDS = {
    "noun": (
        "machine lever darkness garden river engine lamp window hand face morning shadow century world dream "
        "palace hill creature stone tower stair museum match fire forest flower table friend doctor editor story "
        "question voice dial crystal ivory brass bar saddle wheel smoke chimney laboratory workshop candle clock "
        "pocket watch sun moon star planet sky cloud wind rain storm snow ice sea shore sand wave tide island "
        "bridge road valley field meadow tree branch leaf root seed fruit grass thicket well shaft cavern tunnel "
        "gallery corridor hall door lock key wall roof column statue sphinx pedestal bronze marble glass mirror "
        "lens curtain chair desk paper book page letter word language number figure line plane cube dimension "
        "space moment hour day night evening week year age past future memory thought fancy reason theory science "
        "truth doubt fear hope courage pity anger laughter silence sound whisper cry song footstep touch grip "
        "blow pain sleep hunger thirst meal meat wine bread supper guest servant child man woman race people city "
        "ruin grave harvest labour machinery iron steel coal oil rope axe club weapon enemy danger escape journey "
        "adventure end beginning"
    ),
    "verb": (
        "saw took left found lost turned opened closed lifted dropped carried followed watched heard touched "
        "struck passed crossed entered reached climbed descended remembered forgot imagined explained described "
        "doubted believed feared loved hated wanted needed made built broke mended burned lit covered filled "
        "emptied cut tore pushed pulled threw caught held seized released hid discovered examined measured "
        "counted compared considered understood mistook expected missed met greeted called answered asked told "
        "showed gave brought sent kept drew wrote read studied changed destroyed restored guarded searched "
        "noticed recognized pursued avoided"
    ),
    "went": (
        "went came ran walked fell rose stood sat lay slept waited lingered hesitated trembled vanished appeared "
        "moved travelled wandered hurried stumbled leaped crept flew sank floated swayed glided danced laughed "
        "wept shouted whispered spoke listened stared gazed worked rested returned stopped shone faded grew"
    ),
    "adjective": (
        "strange little great dark white pale black red green golden silver dim bright cold warm hot wet dry soft "
        "hard smooth rough heavy light thin thick long short broad narrow deep high low old new young ancient "
        "modern quiet loud sudden slow swift gentle fierce tender cruel kind clever foolish curious careless "
        "frail strong weak tired sleepy hungry lonely happy sad afraid certain possible impossible complete "
        "perfect broken empty full distant nearest hidden visible wonderful horrible beautiful ugly common rare "
        "simple intricate human forgotten faint"
    ),
    "adverb": (
        "slowly quickly suddenly quietly softly gladly hardly nearly clearly dimly presently certainly perhaps "
        "again already almost together alone everywhere nowhere onward upward downward backward forward "
        "afterwards indeed"
    ),
    "i": "i i i i he she they we it one",
    "in": "in into under over beside before behind through upon against towards from among near beyond along",
    "number": "two three four five six seven eight ten twenty forty many several countless few",
    "and": "and and and but for so then while until as because though",
    "said": "said cried thought replied murmured",
    "who": "filby weena mrs+watchett the+psychologist the+medical+man the+time+traveller the+provincial+mayor",
}
_PHRASES = {
    "thing": ("the noun", "the noun", "the adjective noun", "a noun", "my noun", "that adjective noun", "its noun"),
    "place": ("in thing", "in thing", "in the noun of thing", "in the adjective noun"),
    "many": ("number nouns", "number adjective nouns", "the nouns", "all those nouns"),
    "clause": (
        "i verb thing",
        "i verb thing place",
        "i went place",
        "i went adverb place",
        "who verb thing",
        "thing went",
        "thing verb many",
        "many went place",
        "there was a noun place",
        "it was adjective and adjective",
        "i had never verb thing",
        "thing was adjective",
        "what i verb was thing",
    ),
    "sentence": (
        "clause and clause",
        "clause",
        "clause",
        "adverb clause and clause",
        "clause said who",
        "who said that clause",
        "as clause clause",
        "for number nouns clause",
        "you see said the time traveller clause",
        "place clause and clause",
    ),
}


@lru_cache(maxsize=4)
def story(characters: int = 180_000, seed: int = 1895) -> str:
    """A text of about so many characters, of the letters a to z, spaces and line ends."""
    dice = random.Random(seed)
    lexicon = {kind: words.split() for kind, words in _WORDS.items()}
    for words in lexicon.values():
        dice.shuffle(words)
    lines, length = [], 0
    scene = _scene(dice, lexicon)
    while length < characters:
        if dice.random() < 0.05:
            scene = _scene(dice, lexicon)
        lines.append(" ".join(_expand("sentence", dice, lexicon, scene)).replace("+", " "))
        length += len(lines[-1]) + 1
    return "\n".join(lines)


def _scene(dice: random.Random, lexicon: dict[str, list[str]]) -> dict[str, list[str]]:
    """The words that recur in a scene."""
    return {kind: [_by_zipf(dice, lexicon[kind]) for _ in range(8)] for kind in ("noun", "verb", "went", "adjective")}


def _expand(symbol: str, dice: random.Random, lexicon: dict[str, list[str]], scene: dict[str, list[str]]) -> list[str]:
    """The words of a phrase: its parts expanded until only words are left."""
    if symbol == "nouns":
        return [_plural(word) for word in _expand("noun", dice, lexicon, scene)]
    if symbol in _PHRASES:
        parts = dice.choice(_PHRASES[symbol]).split()
        return [word for part in parts for word in _expand(part, dice, lexicon, scene)]
    if symbol in scene and dice.random() < 0.5:
        return [dice.choice(scene[symbol])]
    if symbol in lexicon:
        return [_by_zipf(dice, lexicon[symbol])]
    return [symbol]


def _plural(noun: str) -> str:
    if noun.endswith("man"):
        return noun[:-3] + "men"
    if noun.endswith("y") and noun[-2] not in "aeo":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _by_zipf(dice: random.Random, words: list[str]) -> str:
    """A word, the earlier ones oftener: rank r with a probability of about 1 / r."""
    rank = int(len(words) ** dice.random())
    return words[rank - 1]
