"""The words in which it is said what a definition or a file is for: those of its docstring, as a sentence about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["below_title", "describe", "first_sentence", "is_verb", "listed"]

_TITLE = re.compile(r"[^\n]+\n[ \t]*([=~^*#+.\"'-])\1{2,}[ \t]*(?:\n|$)")
_SENTENCE = re.compile(r"(.{12,160}?)(\.(?:\s|$)|$)")


def listed(names: Sequence[str]) -> str:
    """Return "`a`, `b` and `c`"; ValueError for none."""
    if not names:
        raise ValueError("there is nothing to list")
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def below_title(docstring: str) -> str:
    """Return a docstring without the white space around it and without an underlined title."""
    text = docstring.strip()
    title = _TITLE.match(text)
    return text[title.end() :].strip() if title else text


def first_sentence(docstring: str) -> str:
    """Return the first sentence of a docstring, on one line and without its full stop; "" where it is no prose."""
    paragraph = below_title(docstring).split("\n\n")[0]
    found = _SENTENCE.match(" ".join(paragraph.split()))
    text = found.group(1) if found else ""
    prose = text and text.isascii() and text[:1].isalpha() and "::" not in text and ">>>" not in text
    return text if prose else ""


_VERBS = frozenset(
    "accept accumulate act activate adapt add adjust advance aggregate align allocate allow animate append apply "
    "approximate arrange assemble assert assign attach attempt authenticate average be begin bind broadcast build "
    "cache calculate call cancel cast catch center change check choose clean clear clip clone close coerce collect "
    "combine compare compile complete compress compute concatenate configure connect construct consume contain "
    "control convert convolve copy count create crop cut deal declare decode decompose decompress decorate decrease "
    "define delegate delete denote deploy derive describe deserialize destroy detect determine disable discard "
    "disconnect dispatch display divide do download draw drop dump emit emulate enable encapsulate encode encrypt end "
    "ensure enter enumerate estimate evaluate examine execute exit expand export expose express extend extract factor "
    "fetch fill filter find finish fit fix flatten flip flush fold follow force format forward free freeze gather "
    "generate get give go group guess handle have help hide hold identify ignore implement import increase increment "
    "index indicate infer inform inherit initialise initialize insert inspect install instantiate integrate "
    "interpolate interpret intersect invalidate invert invoke issue iterate join keep label launch let limit link "
    "list listen load locate lock log look lower maintain make manage map mark mask match maximize measure merge "
    "migrate minimize mix model modify monitor move multiply name normalise normalize note notify obtain offer open "
    "optimize order output override pack pad parse partition pass patch pause perform permute pick place plot point "
    "pop populate post predict prepare prepend preprocess present preserve prevent print process produce project "
    "propagate provide prune publish pull push put query queue quit quote raise randomize read rebuild receive "
    "recognize record reduce refine refresh register reject release reload remove rename render reorder repeat "
    "replace report represent request require reset reshape resize resolve respond restart restore restrict resume "
    "retrieve return reverse revert rewrite roll rotate round route run sample save scale scan schedule search select "
    "send separate serialize serve set setup shift show shrink shuffle shut sign simplify simulate skip slice smooth "
    "solve sort specify split stack standardize start stop store stream strip sub subtract sum support suppress swap "
    "switch synchronize take tell terminate test tie toggle tokenize track train transform translate transpose "
    "traverse treat trigger trim truncate try turn undo unify uninstall unpack unregister unset unwrap update upgrade "
    "upload use validate verify view visit wait walk warn wrap write yield zip".split()
)
_IRREGULAR = {"be": "is", "have": "has", "do": "does", "go": "goes", "undo": "undoes", "quit": "quits"}
_ARTICLES = frozenset("a an the".split())


def _third_person(verb: str) -> str:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in set("aeiou"):
        return f"{verb[:-1]}ies"
    return f"{verb}s"


_CONJUGATED = frozenset(map(_third_person, _VERBS))


def is_verb(word: str) -> bool:
    """Return whether a small word is one of the verbs that docstrings give orders with."""
    return word in _VERBS


def describe(name: str, sentence: str) -> str:
    """Return a docstring's first sentence as one about ``name``: "Close the file" -> "`f` closes the file"."""
    first, _, rest = sentence.partition(" ")
    plain = first.lower()
    if plain in _VERBS and rest:
        words = rest.split(" ")
        if words[0] in ("and", "or") and len(words) > 2 and words[1] in _VERBS:
            words[1] = _third_person(words[1])
        return f"`{name}` {_third_person(plain)} {' '.join(words)}"
    if plain in _CONJUGATED:
        return f"`{name}` {plain} {rest}"
    if plain in _ARTICLES:
        return f"`{name}` is {plain} {rest}"
    return f"`{name}`: {sentence}"
