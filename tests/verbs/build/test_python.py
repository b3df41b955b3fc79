"""Source code that needs only torch and is the same network: keys, numbers, form, and nothing smuggled in."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from torch import nn

from nnarch_nb import NNArchError, build
from nnarch_nb.verbs.build.families.published import PUBLISHED
from nnarch_nb.verbs.build.python import to_python

from .specs import VALID

RUFF = [sys.executable, "-m", "ruff"]
SERIES, IMAGE, TOKENS = (12, 4), (3, 32, 32), (16,)
NETWORKS: dict[str, tuple[str, tuple[int, ...], dict[str, Any]]] = {
    "mlp": ("mlp", (8,), {"classes": 3}),
    "cnn": ("cnn", (1, 28, 28), {"classes": 10}),
    "resnet": ("resnet", IMAGE, {"classes": 10}),
    "bottlenecks": ("resnet", (3, 64, 64), {"classes": 10, "depth": 50, "width": 8}),
    "plain": ("resnet", IMAGE, {"classes": 10, "residual": False}),
    "unet": ("unet", IMAGE, {"classes": 2, "width": 4}),
    "vit": ("vit", IMAGE, {"classes": 10}),
    "hybrid": ("hybrid", IMAGE, {"classes": 10}),
    "autoencoder": ("autoencoder", IMAGE, {}),
    "rnn": ("rnn", SERIES, {"classes": 3}),
    "lstm": ("lstm", TOKENS, {"classes": 3, "vocab_size": 20, "bidirectional": True}),
    "gru": ("gru", TOKENS, {"classes": 3, "vocab_size": 20, "depth": 2}),
    "transformer": ("transformer", TOKENS, {"classes": 3, "vocab_size": 20}),
    "bert": ("bert", TOKENS, {"classes": 3, "vocab_size": 20}),
    "gpt": ("gpt", TOKENS, {"vocab_size": 20}),
    "masked series": (
        "Masking(), Repeat(2, GRU(8)), Residual(LayerNorm(), LSTM(8)), MeanSteps()",
        SERIES,
        {},
    ),
    "class token under a mask": (
        "Embedding(20, 8, padding_idx=0), ClassToken(), Repeat(2, Residual(SelfAttention(2))), First()",
        TOKENS,
        {},
    ),
    "mask from a part": ("words = [Embedding(20, 8, padding_idx=0)]\nwords, GRU(8), Last()", TOKENS, {}),
    "growing copies": ("Repeat(3, Conv2d(8, 3, padding=1), BatchNorm2d(), ReLU())", IMAGE, {}),
    "paths": (
        "Add([Conv2d(8, 1), ReLU()], Conv2d(8, 3, padding=1)), Concat([], Conv2d(4, 1), [])",
        IMAGE,
        {},
    ),
    "a shortcut before a body that takes lines": (
        "Residual(GRU(4), Dropout(0.5), shortcut=[Dropout(0.5), Linear(4)])",
        SERIES,
        {},
    ),
    "attention beside others, no mask": (
        "Add(SelfAttention(1), Linear(4), []), Concat(Last(), First())",
        SERIES,
        {},
    ),
    "attention beside others under a mask": (
        "Masking(), Add(SelfAttention(1), Linear(4), []), Concat(Last(), MeanSteps(), MaxSteps())",
        SERIES,
        {},
    ),
    "indices": ("MaxPool2d(2, return_indices=True), Flatten()", IMAGE, {}),
    "tied": ("Embedding(20, 8), Residual(Linear(8), GELU('tanh')), Unembed()", TOKENS, {}),
    "waves": ("Linear(7), Positions(12, kind='sinusoidal'), Linear(2)", SERIES, {}),
    "convolution under a mask": (
        "Masking(), Linear(8), Masking(), Transpose(1, 2), Conv1d(8, 3, padding='same'), Transpose(1, 2), "
        "MeanSteps(), Linear(2)",
        SERIES,
        {},
    ),
}


def network_of(name: str) -> nn.Module:
    spec, shape, options = NETWORKS[name]
    return build(spec, shape, **options)


def inputs_for(model: nn.Module) -> torch.Tensor:
    """Return a batch whose second sample ends early, where the network can tell."""
    first = next(module for module in model.modules() if not list(module.children()))
    generator = torch.Generator().manual_seed(0)
    shape = (3, *model.input_shape)
    if isinstance(first, nn.Embedding):
        x = torch.randint(1, first.num_embeddings, shape, generator=generator)
        x[1, -5:] = 0
        return x
    x = torch.randn(shape, generator=generator)
    if "Masking" in type(first).__name__:
        x[1, -5:] = float("nan")
    return x


def class_in(code: str) -> type[nn.Module]:
    """Return the last class of the code, run where this package cannot be seen."""
    names = [node.name for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    space: dict[str, Any] = {"__name__": "written"}
    exec(compile(code, "written.py", "exec"), space)
    return space[names[-1]]


def same_numbers(model: nn.Module, other: nn.Module, x: torch.Tensor) -> bool:
    """Tell whether both give the same numbers, in training too, where random ones come in the same order."""
    for training in (True, False):
        model.train(training)
        other.train(training)
        answers = []
        for network in (model, other):
            torch.manual_seed(1)
            answers.append(network(x))
        if not torch.equal(*answers):
            return False
    return True


def well_formed(code: str) -> str:
    """Return what ruff would change or complain of; nothing where all is well."""
    said = ""
    for command in (["format", "--diff"], ["check", "--select=E,F,W,I,UP,B", "--ignore=E741"]):
        call = [*RUFF, *command, "--isolated", "--line-length=110", "--target-version=py311", "-"]
        done = subprocess.run(call, input=code, text=True, capture_output=True, check=False)
        said += done.stdout if done.returncode else ""
    return said


@pytest.mark.parametrize("name", NETWORKS)
def test_the_class_is_the_network(name):
    model = network_of(name)
    made = class_in(to_python(model))()
    assert list(made.state_dict()) == list(model.state_dict())
    assert sum(p.numel() for p in made.parameters()) == sum(p.numel() for p in model.parameters())
    made.load_state_dict(model.state_dict())
    assert same_numbers(model, made, inputs_for(model))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_code_is_formatted_and_uses_all_that_it_imports(name):
    assert not well_formed(to_python(network_of(name)))


@pytest.mark.parametrize("name", NETWORKS)
def test_each_package_layer_is_there_once_and_only_where_it_is_used(name):
    code = to_python(network_of(name))
    classes = [
        node.name for node in ast.parse(code).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    ]
    assert len(classes) == len(set(classes))
    for used in classes[:-1]:
        assert code.count(f"{used}(") > 1, f"{used} is defined and not used"


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "vit-b-16", "gpt2", "bert-base"])
def test_a_published_network_has_the_same_weights_by_name_and_shape(name):
    with torch.device("meta"):
        model = build(name)
        made = class_in(to_python(model))()
    assert {k: v.shape for k, v in made.state_dict().items()} == {
        k: v.shape for k, v in model.state_dict().items()
    }
    assert sum(p.numel() for p in made.parameters()) == PUBLISHED[name].parameters


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(VALID)
def test_any_network_and_its_class_agree(spec):
    model = build(*spec)
    code = to_python(model)
    made = class_in(code)()
    made.load_state_dict(model.state_dict())
    assert list(made.state_dict()) == list(model.state_dict())
    assert same_numbers(model, made, inputs_for(model))


def test_code_from_drawn_networks_is_formatted():
    codes: list[str] = []

    @settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck), database=None)
    @given(VALID)
    def collect(spec):
        codes.append(to_python(build(*spec)))

    collect()
    for code in dict.fromkeys(codes):
        assert not well_formed(code), code


RUN_ALONE = """
import doctest, importlib.abc, json, sys, types

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "nnarch_nb":
            raise ImportError("nnarch_nb is not here")

sys.meta_path.insert(0, Blocked())
failed = []
for name, code in json.load(sys.stdin).items():
    module = types.ModuleType("written")
    exec(compile(code, "written.py", "exec"), vars(module))
    tests = doctest.DocTestFinder().find(module, globs=vars(module))
    tests = [t for t in tests if t.examples]
    if not tests or any(doctest.DocTestRunner().run(t).failed for t in tests):
        failed.append(name)
assert "nnarch_nb" not in sys.modules
print(json.dumps(failed))
"""


def test_it_runs_where_this_package_is_not_and_so_does_its_example():
    codes = {name: to_python(network_of(name)) for name in NETWORKS}
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALONE],
        input=json.dumps(codes), text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [], done.stdout


def test_blocks_that_differ_in_numbers_are_one_class():
    code = to_python(build("resnet", IMAGE, classes=10, depth=32))
    assert code.count("nn.Conv2d(channels, channels, 3, padding=1, bias=False)") == 2
    assert "Stage(16) for _ in range(5)" in code
    assert "Stage(64) for _ in range(4)" in code


def test_shared_weights_stay_shared():
    made = class_in(to_python(build("gpt", TOKENS, vocab_size=20)))()
    assert made.unembed1.weight is made.embedding1.weight


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ('x"""\nimport os\nos.system("touch hacked")\n"""', "XImportOsOsSystemTouchHacked"),
        ("class", "Class"),
        ("nn", "Nn"),
        ("F", "FNetwork"),
        ("SelfAttention", "SelfAttentionNetwork"),
        ("50 ways", "Net50Ways"),
        ("none", "NetNone"),
        ("层", "Network"),
        ("a\\", "A"),
        ("", "Network"),
        ("\u202eevil\x00", "Evil"),
    ],
)
def test_a_title_cannot_be_more_than_a_name(title, name):
    model = build("Linear(2), Residual(SelfAttention(1))", (3, 4), name=title or " ")
    code = to_python(model)
    assert class_in(code).__name__ == name
    assert not [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name) and n.id == "os"]
    assert not well_formed(code)


def test_text_in_a_layer_stays_text():
    code = to_python(
        build("Conv2d(4, 3, padding_mode='reflect', padding=1), Upsample(scale_factor=2.0)", IMAGE)
    )
    assert 'padding_mode="reflect"' in code
    assert "nn.Upsample(scale_factor=2.0)" in code


def test_parts_with_the_names_of_python_stay_apart():
    spec = "forward = [Linear(4), ReLU()]\nself = [Linear(4)]\nf = [Linear(2)]\nforward, self, f, forward"
    model = build(spec, (4,))
    made = class_in(to_python(model))()
    made.load_state_dict(model.state_dict())
    assert same_numbers(model, made, torch.randn(3, 4))


def test_a_name_can_be_given():
    assert class_in(build("Linear(2)", (3,)).to_python("My net")).__name__ == "MyNet"


def test_a_network_without_its_input_is_written_too():
    code = to_python(build("nn.Linear(3, 4), nn.ReLU()"))
    assert class_in(code)()(torch.zeros(1, 3)).shape == (1, 4)
    assert not well_formed(code)


def test_what_was_changed_after_building_is_said():
    model = build("Linear(4), Dropout(0.5), Linear(2)", (3,))
    model.dropout1.p = 0.1
    with pytest.raises(NNArchError, match=r"dropout1 is Dropout\(p=0.1.* but was built as Dropout\(p=0.5"):
        to_python(model)


def test_only_what_was_built_is_written():
    with pytest.raises(NNArchError, match="Linear is source code already"):
        to_python(nn.Linear(2, 2))


def test_a_mask_that_a_path_makes_reaches_what_follows():
    model = build("Concat([Masking(), ReLU()], [Masking()], dim=-1), RNN(4), MeanSteps()", (9, 4))
    made = class_in(to_python(model))()
    made.load_state_dict(model.state_dict())
    x = torch.randn(2, 9, 4)
    x[0, 5:] = torch.nan
    assert torch.equal(made(x), model(x))
    assert torch.allclose(made(x)[:1], made(x[:1, :5]), atol=1e-6)


def test_a_part_may_be_called_as_a_word_of_python_and_a_name_is_a_text():
    model = build("true = [Linear(4), ReLU()]\ntrue, true, Linear(2)", (4,))
    assert "class NetTrue(nn.Module)" in to_python(model)
    class_in(to_python(model))().load_state_dict(model.state_dict())
    with pytest.raises(NNArchError, match="name must be a text, not 5"):
        to_python(model, 5)
