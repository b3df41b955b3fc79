"""Looking verbs take data of every kind: tokens, padded series, and answers for every step or pixel."""

from __future__ import annotations

import pytest
from torch import nn

import nnarch_nb
from nnarch_nb import views

from ..kinds import KINDS, Text, fresh


@pytest.mark.parametrize("name", KINDS)
def test_a_network_that_fits_its_data_is_accepted(name):
    model, data = fresh(name)
    assert nnarch_nb.check(model, data).ok
    for verb in (nnarch_nb.summary, nnarch_nb.graph):
        assert views.bundle(verb(model, data))["text/plain"]


def test_an_answer_at_the_end_alone_is_not_one_for_every_step():
    found = nnarch_nb.check(Text(outputs=23), fresh("next tokens")[1])
    assert not found.ok
    assert "Text returns 1×23 but the data asks for 1×12×23" in views.bundle(found)["text/plain"]


def test_a_smaller_picture_is_not_an_answer_for_every_pixel():
    found = nnarch_nb.check(nn.Conv2d(1, 2, 3), fresh("masks")[1])
    assert not found.ok
    assert "returns 1×2×14×14 but the data asks for 1×2×16×16" in views.bundle(found)["text/plain"]
