"""What the tests of ``build`` share."""

import pytest

from nnarch_nb import NNArchError, build


def told_of(spec, shape):
    """Return the one line with which a network is refused."""
    with pytest.raises(NNArchError) as caught:
        build(spec, shape)
    assert "\n" not in str(caught.value)
    return str(caught.value)
