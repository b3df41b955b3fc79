"""What is no list of layers is refused with its place, a caret beneath it and what to write instead."""

import pytest

from nnarch_nb import build
from nnarch_nb.errors import NNArchError
from nnarch_nb.verbs.build.language import read


def refused(text):
    with pytest.raises(NNArchError) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the specification is empty"),
        ("# only a comment", "the specification is empty"),
        ("x = 3", "empty; write layers like"),
        ("\n".join(f"part{n} = [ReLU()]" for n in range(900)), "empty besides what it defines (part0"),
        ("block = [ReLU()]", "empty besides what it defines (block)"),
        ("Linear(10", "line 1, column 7: '(' was never closed; close it"),
        ("Linear(10]", "column 10: closing parenthesis ']' does not match"),
        ("Linear(10))", "column 11: unmatched ')'; remove it"),
        ("Linear(10) ReLU()", "line 1, column 12: this cannot be read; a comma may be missing"),
        ("Linear(10 3)", "a comma may be missing"),
        ("Linear(10) = 3", "only a name can be defined"),
        ("Linear(10 + 1 = 3)", "an argument by name is written name=value"),
        ("Linear(10, bias==False)", "line 1, column 12: bias==False compares; an argument"),
        ("Linear(a=1, 2)", "arguments without a name come before"),
        ("Linear(a=1, a=2)", "gives a twice; give it once"),
        ("Linear('a)", "column 8: unterminated string"),
        ("Linear(１０)", "write plain letters, digits and signs"),
        ("ReLU()\nLinear(x)", "line 2, column 8: x is not defined. Define it above, x = 64"),
        ("width = 3\nLinear(widht)", "Did you mean `width`?"),
        ("Linear(true)", "Did you mean `True`?"),
        ("block = [ReLU()]\nblok", "blok names no part. Did you mean `block`? Parts: block"),
        ("block = [ReLU()]\nRepeat(2, blok())", "blok() is neither a layer nor a part."),
        ("Residual(ReLU)", "column 10: ReLU names no part. None is defined. A layer is written"),
        ("block = [ReLU()]\nblock(3)", "gives arguments to a part; write block"),
        ("block = [ReLU()]\nLinear(block)", "is inside another layer"),
        ("n = 3\nn", "n is a number; write layers"),
        ("residual(ReLU())", "Did you mean `Residual`?"),
        ("Residal(ReLU())", "Did you mean `Residual`?"),
        ("nn.Residual(ReLU())", "is no layer of torch; write Residual(a, b)"),
        ("nn.Sequential(OrderedDict([('conv', nn.Conv2d(1, 8, 3))]))", "names its layers; list them alone"),
        ("a = nn.Sequential(nn.ReLU())\nb = nn.Sequential(nn.ReLU())", "write b on a line below"),
        ("Branch(), Linear(3)", "Branch() runs no layers; write Branch(a, b), or [] for a path"),
        ("Residual(ReLU(), shortcut=Branch())", "Branch() runs no layers"),
        ("block = []\nblock", "line 2, column 1: block runs no layers; an empty part is a path"),
        ("Linear(10), CrossEntropyLoss()", "is a loss and no layer: train chooses it"),
        ("nn.TransformerEncoder(6)", "is not needed; write Repeat(6, TransformerEncoderLayer(8))"),
        ("nn.MultiheadAttention(8, 2)", "takes three inputs; write SelfAttention(8)"),
        ("Dense(64, activation='relu')", "is called Linear here"),
        ("Multiply([], [Sigmoid()])", "GLU(1) multiplies"),
        ("Linear($n)", "a cell reads no variables of the notebook; define a number above"),
        ("Sequential(\n  (0): Linear(in_features=4)\n)", "column 6: this is what print shows of a network"),
        ("Residual()", "runs no layers; write Residual(a, b)"),
        ("Residual(ReLU(), short=[ReLU()])", "has no argument short. Did you mean `shortcut`?"),
        ("Repeat(ReLU(), 3)", "does not say how often; write Repeat(3, a, b)"),
        ("Repeat(0, ReLU())", "column 8: 0 is no number of copies"),
        ("Repeat(3)", "runs no layers"),
        ("Add(ReLU())", "takes two paths or more"),
        ("Concat(ReLU(), ReLU(), dim='c')", "is no dimension"),
        ("Concat(ReLU(), ReLU(), 1)", "column 24: 1 is not a layer"),
        ("Block = [ReLU()]", "begins with a small letter: block"),
        ("nn = [ReLU()]", "is torch's or a layer's name"),
        ("a = 3\na = 4\nReLU()", "line 2, column 1: a is defined above"),
        ("a = 3\na = [ReLU()]", "line 2, column 1: a is defined above"),
        ("a = b = 3", "a is no name to define"),
        ("a, b = 3, 4", "a, b is no name to define"),
        ("self.fc = nn.Linear(3, 4)", "self.fc is no name to define"),
        ("a = True", "is no number; a can be a number or [layers]"),
        ("a: int = 3", "is defined with a type; write width = 64"),
        ("a = 3\na += 3", "changes a number"),
        ("ReLU() + ReLU()", "joins layers by a sign"),
        ("Linear(2**70)", "2**70 is too large"),
        ("Linear(9**9**9)", "9**9**9 is too large"),
        ("Linear(1e999)", "too large or no number"),
        ("Linear(1e308 * 10)", "too large"),
        ("Linear((-8) ** 0.5)", "is too large or no number"),
        ("Linear(0 ** -1)", "divides by 0"),
        ("Linear(10 / 2)", "10 / 2 may leave a fraction; write //"),
        ("Linear(10 % 3)", "is no arithmetic of this language"),
        ("Linear(True + 1)", "True is no number to calculate with"),
        ("Linear('a' * 3)", "'a' is no number to calculate with"),
        (f"Linear(0x{'f' * 5000})", "line 1, column 8: 0xfff"),
        ("Linear(f'{3}')", "is an f-string"),
        ("Linear(x.y)", "x.y is an attribute; nothing is looked up"),
        ("Linear(len('a'))", "is a call; nothing is run"),
        ("Linear((x := 3))", "defines a name in passing"),
        ("Linear(*[3])", "unpacks a list"),
        ("Linear(**{'a': 1})", "** argument"),
        ("Linear(b'a')", "is not a literal"),
        ("Linear({'a': 1})", "is a dictionary"),
        ("Linear('\\ud800')", "half a character"),
        ("[ReLU() for i in range(3)]", "is a loop; write Repeat(3, ...)"),
        ("lambda: 0", "is a function"),
        ("import os", "nothing is run here"),
        ("class Net:\n    def f(self): pass", "nothing is run here"),
        ("__import__('os').system('true')", "not a layer's name"),
        ("Linear(3)(4)", "not a layer's name"),
        ("Linear(3)\0", "null bytes"),
        ("[" * 5000, "nested"),
        ("-" * 50_000 + "1", "write layers like"),
        ("Residual(" * 60 + "ReLU()" + ")" * 60, "nested more than 32 deep"),
        ("ReLU()," * 50_000, "at most"),
        ("ReLU()," * 10_001, "makes more than 10,000 layers"),
        ("a=[ReLU()]\nb=[a]*2", "joins layers by a sign"),
        ("a0=[ReLU()]\n" + "\n".join(f"a{n + 1}=[a{n},a{n}]" for n in range(40)), "line 13, column 5"),
        (f"{'n' * 90} = 3", "a name of more than 80 characters"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_layers_is_refused(text, told):
    assert told in (message := str(refused(text)))
    assert len(message) < 500


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("ReLU()\n  Linear(x)", ["    Linear(x)", "           ^"]),
        ("Linear(10", ["    Linear(10", "          ^"]),
        ("日本(3), Linear(x)", ["    日本(3), Linear(x)", "                    ^"]),
        ("ReLU(),\tLinear(x)", ["    ReLU(), Linear(x)", "                   ^"]),
    ],
)
def test_the_caret_stands_under_the_place(text, note):
    error = refused(text)
    assert error.__notes__ == ["\n".join(note)]
    assert error._render_traceback_() == [f"NNArchError: {error}", "\n".join(note)]


@pytest.mark.parametrize(
    ("spec", "told", "note"),
    [
        (
            "\nReLU(),\n  Conv2D(8, 3)",
            "line 3, column 3: no layer is called 'Conv2D'. Did you mean `Conv2d`?",
            0,
        ),
        ("Conv2d(8, 3), Residual(Conv2d(8, 3))", "line 1, column 15: ", 14),
        (["ReLU()", "Repeat(2, Linear(3, bais=True))"], "Did you mean `bias`?", 20),
        ("block = [Conv2d(8, 30)]\nblock", "line 1, column 10: Conv2d(8, 30)", 9),
    ],
)
def test_what_cannot_be_built_is_pointed_at_too(spec, told, note):
    with pytest.raises(NNArchError) as caught:
        build(spec, (3, 8, 8))
    assert told in str(caught.value)
    assert caught.value.__notes__[0].splitlines()[1] == " " * (4 + note) + "^"


PUBLISHED = (
    "nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Dropout(0.25), nn.Flatten(), "
    "nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10)"
)


@pytest.mark.parametrize(
    ("spec", "shape", "cure", "mended"),
    [
        (
            PUBLISHED,
            (1, 28, 28),
            "give 36864, or insert nn.MaxPool2d(2) before nn.Dropout(0.25): 9,216 features",
            PUBLISHED.replace("nn.Dropout", "nn.MaxPool2d(2), nn.Dropout"),
        ),
        (
            "nn.Linear(64, 10)",
            (1, 8, 8),
            "give 8, or insert nn.Flatten() before nn.Linear(64, 10): 64 features",
            "nn.Flatten(), nn.Linear(64, 10)",
        ),
    ],
)
def test_a_forgotten_pooling_or_flattening_is_named_and_mends(spec, shape, cure, mended):
    with pytest.raises(NNArchError) as caught:
        build(spec, shape)
    assert str(caught.value).endswith(cure)
    assert build(mended, shape).shapes[-1] == (10,)


@pytest.mark.parametrize("size", [5, 9216])
def test_where_no_pooling_mends_a_size_none_is_named(size):
    with pytest.raises(NNArchError) as caught:
        build(f"nn.Linear({size}, 10)", (4,))
    assert str(caught.value).endswith("give 4")


def test_of_a_long_line_the_place_is_shown():
    error = refused("ReLU(), " * 100 + "Linear(wrong), " + "ReLU(), " * 100)
    source, caret = error.__notes__[0].splitlines()
    assert len(source) <= 4 + 1 + 88 + 1
    assert source.strip().startswith("…")
    assert source[caret.index("^") :].startswith("wrong)")


def test_what_the_terminal_would_obey_is_not_shown():
    assert "\x1b" not in str(refused("Linear(x, '\x1b[2J')")) + refused("Linear(x, '\x1b[2J')").__notes__[0]


def test_an_error_elsewhere_is_left_alone():
    error = refused("")
    assert not hasattr(error, "__notes__")
