"""The forms of questions that the bundled model is measured with are none of those that it was trained on."""

from __future__ import annotations

import itertools
import re

from basemodel import phrasings as taught

from engine.evaluation import phrasings as held_out
from engine.evaluation.statements import KINDS


def _words(form: str) -> str:
    """Return a form without what is put into it, without case and punctuation."""
    return " ".join(re.findall(r"\w+", re.sub(r"\{\w\}", " ", form).casefold()))


def _said(form: str) -> set[str]:
    """Return the words of everything that a form with ``[a|b]`` in it can say."""
    parts = re.split(r"\[([^\]]*)\]", form)
    choices = [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]
    return {_words("".join(chosen)) for chosen in itertools.product(*choices)}


def test_no_form_is_in_both() -> None:
    taught_forms = [*taught.FORMS.values(), *taught.FOLLOW_UPS.values(), taught.UNSTATED]
    trained = {said for forms in taught_forms for form in forms for said in _said(form)}
    measured = set(map(_words, held_out.templates()))
    assert len(measured) > 90
    assert len(trained) > 1_500
    assert not measured & trained


def test_every_kind_has_several_forms_of_both() -> None:
    for kind in KINDS:
        assert len(set(map(_words, held_out.FORMS[kind]))) >= 4
        assert taught.FORMS[kind]
