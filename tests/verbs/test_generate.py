"""Generation: what is kept from step to step changes no token, and nothing in the network."""

import copy
import math

import pytest
import torch
from torch import nn

from nnarch_nb import NNArchError, build
from nnarch_nb.core import events
from nnarch_nb.core.data import Data, Split
from nnarch_nb.core.vocabulary import Vocabulary
from nnarch_nb.verbs.build.modules.attention import SelfAttention
from nnarch_nb.verbs.build.modules.chain import Chain
from nnarch_nb.verbs.build.modules.combine import Add, Concat, Repeat, Residual
from nnarch_nb.verbs.build.modules.tokens import Positions, Segments, Unembed
from nnarch_nb.verbs.generate import generate as verb
from nnarch_nb.verbs.generate.stepping import Stepper, can_step

VOCABULARY, DIM, LONGEST = 23, 16, 12


def generate(*args, **options):
    """Return the prompt continued in its own form."""
    return verb(*args, **options).continued


def block(causal=True):
    attention = Chain(nn.LayerNorm(DIM), SelfAttention(DIM, 4, causal), nn.Dropout(0.5))
    feedforward = Chain(nn.LayerNorm(DIM), nn.Linear(DIM, 32), nn.GELU(), nn.Linear(32, DIM))
    return Chain(Residual(attention), Residual(feedforward))


def gpt(causal=True):
    blocks = Repeat(block(causal), block(causal))
    embedding, unembed = nn.Embedding(VOCABULARY, DIM), Unembed(DIM, VOCABULARY)
    return Chain(embedding, Positions(DIM, LONGEST), blocks, nn.LayerNorm(DIM), unembed)


def recurrent(kind):
    embedding = nn.Embedding(VOCABULARY, DIM, padding_idx=0)
    return Chain(embedding, kind(DIM, DIM, 2, batch_first=True), nn.Linear(DIM, VOCABULARY))


def branched():
    paths = Concat(SelfAttention(DIM, 2, causal=True), nn.Linear(DIM, DIM), dim=-1)
    both = Add(Chain(paths, nn.Linear(2 * DIM, DIM)), Chain(nn.GRU(DIM, DIM, batch_first=True), nn.Tanh()))
    shortcut = Residual(both, nn.Linear(DIM, DIM))
    return Chain(nn.Embedding(VOCABULARY, DIM), Segments(DIM), shortcut, nn.Linear(DIM, VOCABULARY))


NETWORKS = {
    "gpt": gpt,
    "rnn": lambda: recurrent(nn.RNN),
    "lstm": lambda: recurrent(nn.LSTM),
    "gru": lambda: recurrent(nn.GRU),
    "branched": branched,
}


@pytest.fixture(params=NETWORKS)
def network(request):
    torch.manual_seed(1)
    model = NETWORKS[request.param]()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:  # large, so that the next token depends on what came before
                parameter.normal_()
    return model.double()


@pytest.fixture
def small():
    torch.manual_seed(0)
    return gpt()


def anew(model, tokens, n, longest=LONGEST):
    """Return the likeliest continuation, the whole sequence run anew for each token."""
    model = copy.deepcopy(model).eval()
    padded = model[0].padding_idx is not None
    for _ in range(n):
        with torch.no_grad():
            scores = model(tokens[:, -longest:])[:, -1]
        if padded:
            scores[:, 0] = -math.inf
        tokens = torch.cat([tokens, scores.argmax(-1, keepdim=True)], 1)
    return tokens


def drawn(n, steps, seed=0):
    return torch.randint(1, VOCABULARY, (n, steps), generator=torch.Generator().manual_seed(seed))


def test_kept_steps_give_the_scores_of_the_whole_sequence(network):
    network.eval()
    tokens = drawn(3, LONGEST)
    assert can_step(network)
    with torch.no_grad():
        steps, whole = Stepper(network), network(tokens)
        parts = torch.cat([steps(part) for part in tokens.split([5, 1, 2, 1, 1, 1, 1], dim=1)], dim=1)
    torch.testing.assert_close(parts, whole, atol=1e-10, rtol=0)
    assert whole.std() > 0.1


def test_in_single_precision_they_do_to_five_digits(small):
    small.eval()
    steps, tokens = Stepper(small), drawn(3, LONGEST)
    with torch.no_grad():
        parts = torch.cat([steps(part) for part in tokens.split(1, dim=1)], dim=1)
        torch.testing.assert_close(parts, small(tokens), atol=1e-5, rtol=0)


def test_greedy_tokens_are_those_of_running_anew(network):
    tokens = drawn(4, 3)
    longest = LONGEST if isinstance(network[1], Positions) else 99
    expected = anew(network, tokens, 20, longest)
    got = generate(network, tokens, 20, temperature=0)
    assert torch.equal(got, expected)
    assert torch.equal(generate(network, tokens, 20, top_k=1), expected)
    assert len(got[:, 3:].unique()) > 3


def test_a_network_that_cannot_be_fed_bit_by_bit_is_run_anew():
    torch.manual_seed(0)
    model = gpt(causal=False)
    assert not can_step(model)
    assert torch.equal(generate(model, drawn(2, 3), 6, temperature=0), anew(model, drawn(2, 3), 6))


def test_what_looks_both_ways_or_listens_or_is_shared_is_not_fed_bit_by_bit(small):
    assert can_step(small)
    assert not can_step(Chain(nn.GRU(4, 4, batch_first=True, bidirectional=True)))
    assert not can_step(Chain(nn.Conv1d(4, 4, 3)))
    assert not can_step(Chain(nn.LayerNorm((5, 4))))
    assert not can_step(Concat(nn.Linear(4, 4), nn.Linear(4, 4), dim=1))
    layer = nn.Linear(4, 4)
    assert not can_step(Chain(layer, layer))
    small[3].register_forward_hook(lambda *_: None)
    assert not can_step(small)


def test_prompts_of_several_lengths_are_continued_as_each_alone(small):
    prompts = [[3], [4, 5, 6], [7], [8, 9]]
    together = generate(small, prompts, 5, temperature=0)
    alone = [generate(small, prompt, 5, temperature=0) for prompt in prompts]
    assert [row.tolist() for row in together] == [row.tolist() for row in alone]
    assert [len(row) for row in together] == [6, 8, 6, 7]


def test_the_form_of_the_prompt_is_kept(small):
    assert generate(small, [3, 4], 2).shape == (4,)
    assert generate(small, torch.tensor([3, 4]), 2).shape == (4,)
    assert generate(small, torch.tensor([[3, 4]]), 2).shape == (1, 4)
    assert isinstance(generate(small, [[3, 4]], 2), list)
    assert generate(small, drawn(2, 3).numpy(), 2)[:, :3].tolist() == drawn(2, 3).tolist()


def test_a_seed_gives_the_same_tokens_and_another_seed_others(small):
    first, again, other = (generate(small, [3, 4], 30, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


class Fixed(nn.Module):
    """Scores that are the same after every token."""

    def __init__(self, scores):
        super().__init__()
        self.scores = nn.Parameter(torch.tensor(scores))

    def forward(self, tokens):
        return self.scores.expand(*tokens.shape, -1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.5, 0.3, 0.2]),
        ({"top_k": 2}, [0.625, 0.375, 0.0]),
        ({"temperature": 0.5}, [0.25 / 0.38, 0.09 / 0.38, 0.04 / 0.38]),
    ],
)
def test_tokens_are_drawn_as_often_as_the_scores_say(options, expected):
    model = Fixed([math.log(share) for share in (0.5, 0.3, 0.2)])
    tokens = generate(model, torch.zeros(5_000, 1, dtype=torch.long), 1, **options)
    counts = tokens[:, 1].bincount(minlength=3) / 5_000
    torch.testing.assert_close(counts, torch.tensor(expected), atol=0.025, rtol=0)


def test_text_comes_in_and_goes_out(small):
    words = ("<pad>", "<unknown>", *(chr(ord("a") + i) for i in range(VOCABULARY - 2)))
    small.vocabulary = Vocabulary(words, "char")
    text = generate(small, "abc", 6, seed=3)
    assert text.startswith("abc")
    assert generate(small, ["abc", "d"], 6, temperature=0)[0] == generate(small, "abc", 6, temperature=0)
    ids = generate(small, small.vocabulary.encode("abc"), 6, seed=3)
    assert small.vocabulary.decode(ids.tolist()) == text


def test_a_network_that_was_built_generates_by_itself():
    model = build("gpt", (16,), vocab_size=VOCABULARY, width=16, depth=1)
    options = {"temperature": 0.7, "top_k": 5, "seed": 3}
    assert can_step(model)
    assert torch.equal(model.generate([3, 4], 20, **options), generate(model, [3, 4], 20, **options))


def test_a_network_built_for_a_text_reads_and_writes_it():
    words = ("<pad>", "<unknown>", *"abcdefgh")
    x = torch.randint(2, len(words), (4, 6), generator=torch.Generator().manual_seed(0))
    split = Split(x, x.roll(-1, 1))
    text = Data(
        "letters",
        *[split] * 3,
        kind="next-token",
        shape=(6,),
        classes=words,
        vocabulary=Vocabulary(words, "char"),
    )
    model = build("gpt", text, width=16, depth=1)
    assert model.shapes[-1] == (6, 10)
    written = model.generate(["abc", "h"], 9, seed=1)
    assert [len(each) for each in written] == [12, 10]
    assert written[0].startswith("abc")


def test_padding_is_never_drawn():
    torch.manual_seed(0)
    model = recurrent(nn.GRU)
    with torch.no_grad():
        model[-1].bias[0] = 100
    assert 0 not in generate(model, drawn(3, 2), 20)


@pytest.mark.parametrize("training", [True, False])
def test_it_leaves_no_trace(network, training):
    network.train(training)
    before, flags = copy.deepcopy(network.state_dict()), [module.training for module in network.modules()]
    attributes, state = [set(vars(module)) for module in network.modules()], torch.get_rng_state()
    generate(network, drawn(2, 3), 5)
    with pytest.raises(NNArchError):
        generate(network, [VOCABULARY], 5)
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in network.modules()] == flags
    assert [set(vars(module)) for module in network.modules()] == attributes
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ([1] * 13, "13 tokens but Chain has positions for 12; give its last 12"),
        ([], "empty"),
        ([[]], "empty"),
        ("", "knows no vocabulary"),
        ("abc", "knows no vocabulary"),
        ([[1], "abc"], "not 'abc'"),
        ([23], "0 to 22"),
        ([-1], "0 to 22"),
        ([0.5], "a list of token ids"),
        (None, "a list of token ids"),
        (torch.ones(1, 1, 1), "a list of token ids"),
    ],
)
def test_a_prompt_that_cannot_be_is_refused_in_one_line(small, prompt, told):
    with pytest.raises(NNArchError) as caught:
        generate(small, prompt, 3)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"n": 0}, {"temperature": -1}, {"temperature": math.nan}, {"top_k": 0}, {"seed": -1}]
)
def test_options_out_of_range_are_refused(small, options):
    with pytest.raises(NNArchError):
        generate(small, [1], **{"n": 1} | options)


def test_a_network_that_does_not_answer_for_each_step_is_refused(small):
    classifier = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(8, 2))
    with pytest.raises(NNArchError, match=r"\(n, steps, vocabulary\)"):
        generate(classifier, [1, 2], 3)
    with pytest.raises(NNArchError, match="cannot run on"):
        generate(classifier, [1, 2, 3], 3)
    with torch.no_grad():
        small[3].weight.fill_(math.nan)
    with pytest.raises(NNArchError, match="NaN"):
        generate(small, [1], 3)


def test_padding_in_a_prompt_is_refused():
    with pytest.raises(NNArchError, match="token 0, which is padding"):
        generate(recurrent(nn.GRU), [3, 0, 0], 3)


def test_no_prompt_and_no_weights_are_one_line():
    model = build("gpt", (8,), vocab_size=9, depth=1)
    with pytest.raises(NNArchError, match="a prompt is empty"):
        generate(model, torch.empty(0, 3, dtype=torch.long), 2)
    with pytest.raises(NNArchError, match="on the meta device"):
        generate(model.to("meta"), [1], 2)


def test_the_verb_returns_one_record(small):
    small.vocabulary = Vocabulary(("<pad>", "<unknown>", *"abcdefghijklmnopqrstu"), "char")
    made = verb(small, ["abc", "d"], 6, seed=3)
    assert (made.lengths, made.added, made.n) == ((3, 1), (6, 6), 6)
    assert list(made.texts) == made.continued
    assert repr(made) == f"Generated({made.network}: 2 prompts, 12 tokens added)"


def test_ids_on_a_line_are_ids_where_there_are_no_words(network):
    assert torch.equal(generate(network, "3, 4", 3), generate(network, [3, 4], 3))


def test_next_to_no_temperature_takes_the_likeliest(network):
    for least in (1e-300, 5e-324):
        assert torch.equal(
            generate(network, [3, 4], 5, temperature=least), generate(network, [3, 4], 5, temperature=0)
        )


@pytest.mark.parametrize("model", [None, "gpt2", nn.Linear])
def test_what_is_no_network_is_refused_in_one_line(model):
    with pytest.raises(NNArchError, match=r"network|Module"):
        generate(model, [1], 3)


def test_an_interrupt_ends_it_after_the_current_token(network):
    class Impatient:
        def update(self, task):
            task.stop.set()

        def finish(self, task, result):
            pass

    undo = events.listen(lambda task: Impatient())
    try:
        assert verb(network, [[3, 4], [5]], 9).added == (0, 1)  # the shorter prompts go first
    finally:
        undo()
