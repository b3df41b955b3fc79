"""Paths of unlike shapes are refused with both shapes, and what is proposed instead works."""

import re

import pytest
import torch

from nnarch_nb import build

from ..conftest import told_of


@pytest.mark.parametrize(
    ("body", "shape", "made", "proposed"),
    [
        ("Conv2d(8, 3, 2, 1)", (3, 28, 28), (8, 14, 14), "Conv2d(8, 1, stride=2), BatchNorm2d()"),
        ("Conv2d(8, 3, 2, 1)", (3, 27, 30), (8, 14, 15), "Conv2d(8, 1, stride=2), BatchNorm2d()"),
        ("Conv2d(8, 3, padding=1)", (4, 6, 6), (8, 6, 6), "Conv2d(8, 1), BatchNorm2d()"),
        ("Conv2d(4, 3)", (4, 6, 6), (4, 4, 4), "AdaptiveAvgPool2d(4)"),
        ("Conv2d(8, 3)", (4, 6, 7), (8, 4, 5), "AdaptiveAvgPool2d((4, 5)), Conv2d(8, 1)"),
        ("ConvTranspose2d(4, 2, stride=2)", (4, 6, 6), (4, 12, 12), "AdaptiveAvgPool2d(12)"),
        ("Conv2d(4, (1, 3), stride=(1, 2), padding=(0, 1))", (4, 6, 8), (4, 6, 4),
         "Conv2d(4, 1, stride=(1, 2)), BatchNorm2d()"),
        ("Conv1d(8, 3, stride=3)", (4, 9), (8, 3), "Conv1d(8, 1, stride=3), BatchNorm1d()"),
        ("Conv3d(8, 1)", (4, 2, 3, 4), (8, 2, 3, 4), "Conv3d(8, 1), BatchNorm3d()"),
        ("Linear(5)", (4,), (5,), "Linear(5)"),
        ("GRU(8)", (6, 3), (6, 8), "Linear(8)"),
        ("Flatten(), Linear(5)", (3, 4), (5,), "Flatten(), Linear(5)"),
    ],
)  # fmt: skip
def test_an_unlike_shortcut_is_proposed_and_works(body, shape, made, proposed):
    told = told_of(f"Residual({body})", shape)
    assert f"makes {made} of {shape} but it adds that to {shape}; write shortcut=[{proposed}]" in told
    shortcut = re.search(r"shortcut=\[.*\]", told).group()
    model = build(f"Residual({body}, {shortcut})", shape)
    assert model.shapes[-1] == made
    assert model(torch.zeros(2, *shape)).shape[1:] == made


def test_a_shortcut_of_another_shape_is_replaced():
    told = told_of("Residual(Linear(5), shortcut=[Linear(6)])", (4,))
    assert "makes (5,) of (4,) but the shortcut gives (6,); write shortcut=[Linear(5)]" in told


def test_shapes_that_torch_would_stretch_are_refused():
    assert "makes (8, 1, 1) of (8, 4, 4)" in told_of("Residual(AdaptiveAvgPool2d(1))", (8, 4, 4))
    assert "makes (4,) of (1, 4) but it adds that to (1, 4)" in told_of("Residual(Flatten())", (1, 4))


@pytest.mark.parametrize(
    ("spec", "shape", "told", "mended"),
    [
        ("Add(Linear(8), Linear(9))", (6,), "first gives (8,) and path 2 (9,); end path 2 with Linear(8)",
         "Add(Linear(8), [Linear(9), Linear(8)])"),
        ("Add(Identity(), Identity(), MaxPool2d(2))", (3, 8, 8),
         "first gives (3, 8, 8) and path 3 (3, 4, 4); end path 3 with AdaptiveAvgPool2d(8)",
         "Add(Identity(), Identity(), [MaxPool2d(2), AdaptiveAvgPool2d(8)])"),
        ("Concat(Conv2d(4, 3, padding=1, stride=2), Conv2d(6, 3, padding=1))", (1, 8, 8),
         "first gives (4, 4, 4) and path 2 (6, 8, 8); end path 2 with Conv2d(6, 1, stride=2), BatchNorm2d()",
         "Concat(Conv2d(4, 3, padding=1, stride=2), "
         "[Conv2d(6, 3, padding=1), Conv2d(6, 1, stride=2), BatchNorm2d()])"),
    ],
)  # fmt: skip
def test_an_unlike_path_is_refused_with_an_end_that_works(spec, shape, told, mended):
    assert told in told_of(spec, shape)
    assert build(mended, shape).shapes


@pytest.mark.parametrize(
    ("spec", "shape", "joined"),
    [
        ("Concat(Linear(4), Linear(5))", (6,), (9,)),
        ("Concat(GRU(4), Linear(5), dim=-1)", (7, 6), (7, 9)),
        ("Concat(Conv2d(4, 1), [], dim=1)", (3, 8, 8), (7, 8, 8)),
        ("Concat([], MaxPool2d((1, 2)), dim=3)", (3, 8, 8), (3, 8, 12)),
        ("Concat([], [], [])", (3, 8, 8), (9, 8, 8)),
    ],
)
def test_paths_are_joined_along_a_dimension_of_a_sample(spec, shape, joined):
    model = build(spec, shape)
    assert model.shapes == (joined,)
    assert model(torch.zeros(2, *shape)).shape[1:] == joined


@pytest.mark.parametrize("dim", [0, -4, 4, 9])
def test_the_batch_is_never_joined(dim):
    told = told_of(f"Concat([], [], dim={dim})", (3, 8, 8))
    assert f"along dimension {dim} of (3, 8, 8), which has 3; dimension 0 is the batch" in told


def test_a_mistake_within_is_told_where_it_is_written():
    spec = "Linear(4)\nRepeat(2, Residual(\n    ReLU(), Linear(5)))"
    assert told_of(spec, (4,)).startswith("line 2, column 11: the body of Residual makes (5,) of (4,)")
    assert told_of("ReLU()\nAdd([\n  Conv2d(8, 9)], [])", (1, 4, 4)).startswith(
        "line 3, column 3: Conv2d(8, 9)"
    )
