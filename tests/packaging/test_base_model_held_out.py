"""The forms of questions that the bundled model is measured with are none of those that it was trained on."""

from __future__ import annotations

import re
from collections.abc import Iterable

from basemodel import phrasings as taught

from engine.evaluation import phrasings as held_out
from engine.evaluation.statements import KINDS


def _plain(forms: Iterable[str]) -> set[str]:
    """Return forms without what is put into them, without case and punctuation."""
    return {" ".join(re.findall(r"\w+", re.sub(r"\{\w\}", " ", form).casefold())) for form in forms}


def test_no_form_is_in_both() -> None:
    trained = [
        *(form for forms in (*taught.FORMS.values(), *taught.FOLLOW_UPS.values()) for form in forms),
        *taught.UNSTATED,
    ]
    measured = held_out.templates()
    assert len(_plain(measured)) > 90
    assert not _plain(measured) & _plain(trained)


def test_every_kind_has_several_forms_of_both() -> None:
    for kind in KINDS:
        assert len(_plain(held_out.FORMS[kind])) >= 4
        assert taught.FORMS[kind]
