"""Specifications to test with: trees that can be written, and texts that can be built."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from nnarch_nb.verbs.build.language import Layer, Path, write
from nnarch_nb.verbs.build.language.reader import runs

# -- trees: anything that the language can say, sensible or not -------------------------------------------

SCALARS = (
    st.integers(-(10**18), 10**18)
    | st.booleans()
    | st.none()
    | st.floats(-1e18, 1e18)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
LITERALS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2).map(tuple), max_leaves=3)
NAMES = ["Conv2d", "Linear", "ReLU", "BatchNorm2d", "MaxPool2d", "Dropout", "Flatten", "LSTM", "Anything"]
KEYS = ["bias", "stride", "padding", "kernel_size", "p", "eps", "größe"]
PLAIN = st.builds(
    Layer,
    st.sampled_from(NAMES),
    st.lists(LITERALS, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(KEYS), LITERALS, max_size=2).map(lambda given: tuple(given.items())),
    st.booleans(),
)


@st.composite
def trees(draw: st.DrawFn) -> Path:
    """Draw layers with combinators and parts in them, parts in parts too."""
    leaf = PLAIN
    for label in draw(st.lists(st.sampled_from(["block", "down", "größer"]), max_size=2, unique=True)):
        part = Layer("Branch", paths=(draw(within(leaf)),), label=label)
        leaf = leaf | st.just(part)
    return draw(within(leaf, least=1).filter(lambda path: all(map(runs, path))))


def within(leaf: st.SearchStrategy[Layer], least: int = 0) -> st.SearchStrategy[Path]:
    layers = st.recursive(leaf, combined, max_leaves=4)
    return st.lists(layers, min_size=least, max_size=3).map(tuple)


def combined(layers: st.SearchStrategy[Layer]) -> st.SearchStrategy[Layer]:
    body = st.lists(layers, min_size=1, max_size=2).map(tuple)
    path = st.lists(layers, max_size=2).map(tuple)
    several = st.lists(path, min_size=2, max_size=3).map(tuple)
    dims = st.sampled_from([(), (("dim", 1),), (("dim", -1),)])
    return st.one_of(
        st.builds(lambda a: Layer("Residual", paths=(a,)), body),
        st.builds(lambda a, b: Layer("Residual", paths=(a, b)), body, path),
        st.builds(lambda n, a: Layer("Repeat", (n,), paths=(a,)), st.integers(1, 10**9), body),
        st.builds(lambda paths: Layer("Add", paths=paths), several),
        st.builds(lambda paths, dim: Layer("Concat", (), dim, paths=paths), several, dims),
        st.builds(lambda a: Layer("Branch", paths=(a,)), body),
    )


# -- texts that can be built -------------------------------------------------------------------------------

Spec = tuple[str, tuple[int, ...]]


def valid_spec(random: Random) -> Spec:
    """Return a text that builds, and the shape of its input."""
    write_body, shape, head = random.choice(
        [
            (image_layer, (3, 12, 12), [of("AdaptiveAvgPool2d", 1), of("Flatten")]),
            (image_layer, (16, 7, 5), [of("Flatten")]),
            (step_layer, (9, 16), [of("MeanSteps")]),
            (step_layer, (6, 4), [of("Last")]),
            (table_layer, (16,), []),
        ]
    )
    stem = {
        image_layer: of("Conv2d", 16, 3, padding=1),
        step_layer: of("GRU", 16),
        table_layer: of("Linear", 16),
    }
    body = [write_body(random, 3) for _ in range(random.randint(1, 5))]
    text = write((stem[write_body], *body, *head, of("Linear", random.randint(1, 12))))
    return (f"width = 2**4\n{text.replace('(16', '(width')}" if random.random() < 0.4 else text), shape


def of(name: str, *args: object, **kwargs: object) -> Layer:
    return Layer(name, args, tuple(kwargs.items()))


def image_layer(random: Random, depth: int) -> Layer:
    """Return a layer that keeps 16 channels and the size of the image."""
    plain = [
        of("Conv2d", 16, 3, padding=1),
        of("Conv2d", 16, random.choice([1, 3, 5]), padding="same", bias=False),
        of("BatchNorm2d"),
        of("GroupNorm", 4),
        of("ReLU"),
        of("LeakyReLU", 0.2),
        of("MaxPool2d", 3, stride=1, padding=1),
        of("Dropout", 0.1),
        Layer("Conv2d", (16, 16, 1), own=True),
    ]
    halves = of("Conv2d", 8, 1), of("Conv2d", 8, 3, padding=1)
    concat = Layer("Concat", paths=((halves[0],), (halves[1], of("ReLU"))))
    return combining(random, depth, plain, image_layer, concat)


def step_layer(random: Random, depth: int) -> Layer:
    """Return a layer that keeps the steps and 16 features."""
    plain = [
        of("Linear", 16),
        of("LayerNorm"),
        of("GELU"),
        of("SelfAttention", random.choice([1, 2, 4]), causal=random.random() < 0.5),
        of("LSTM", 8, bidirectional=True),
        of("GRU", 16, 2),
        of("Dropout", 0.1),
    ]
    concat = Layer("Concat", (), (("dim", -1),), paths=((of("Linear", 10),), (of("Linear", 6), of("Tanh"))))
    return combining(random, depth, plain, step_layer, concat)


def table_layer(random: Random, depth: int) -> Layer:
    """Return a layer that keeps 16 features."""
    plain = [of("Linear", 16), of("BatchNorm1d"), of("ReLU"), of("Sigmoid"), of("Dropout", 0.5)]
    concat = Layer("Concat", paths=((of("Linear", 4),), (of("Linear", 12), of("ReLU"))))
    return combining(random, depth, plain, table_layer, concat)


def combining(random: Random, depth: int, plain: list[Layer], again, concat: Layer) -> Layer:  # type: ignore[no-untyped-def]
    """Return one of the plain layers, or a combinator around more of their kind."""
    if depth == 0 or random.random() < 0.6:
        return random.choice(plain)
    a, b = (tuple(again(random, depth - 1) for _ in range(random.randint(1, 3))) for _ in range(2))
    part = Layer("Branch", paths=(a,), label=f"part{random.getrandbits(40)}")
    return random.choice(
        [
            Layer("Residual", paths=(a,)),
            Layer("Residual", paths=(a, b)),
            Layer("Repeat", (random.randint(1, 3),), paths=(a,)),
            Layer("Add", paths=(a, b, ())),
            Layer("Repeat", (2,), paths=((Layer("Residual", paths=((part,),)), part),)),
            Layer("Branch", paths=(a,)),
            concat,
            part,
        ]
    )


VALID = st.randoms(use_true_random=False).map(valid_spec)
