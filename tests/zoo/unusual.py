"""Networks whose forward run is a program: it chooses, draws, differentiates, routes or solves."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional as F

from .entry import B, Cost, Entry, floats, linear


class EarlyExit(nn.Module):
    """Answers at once where it is sure."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(8, 3), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.first(x)
        return scores if scores.softmax(-1).max() > 2 else scores + self.second(x)


class Vae(nn.Module):
    """Draws from a distribution of torch, which checks its parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.encode, self.decode = nn.Linear(8, 2 * 3), nn.Linear(3, 8)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, scale = self.encode(x).chunk(2, -1)
        drawn = torch.distributions.Normal(mean, F.softplus(scale)).rsample()
        return self.decode(drawn), mean


class Policy(nn.Module):
    """Draws an action and says how probable it was."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.actor, self.critic = nn.Linear(8, 6), nn.Linear(6, 4), nn.Linear(6, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.body(x).tanh()
        choice = torch.distributions.Categorical(logits=self.actor(x))
        action = choice.sample()
        return {"action": action, "log_prob": choice.log_prob(action), "value": self.critic(x)}


class Physics(nn.Module):
    """Returns a solution and its derivative by the place, as networks of physics do."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = x.detach().requires_grad_()
        y = self.body(x)
        return y, torch.autograd.grad(y.sum(), x)[0]


class Routed(nn.Module):
    """Sends each token to the two experts its router likes best, in a loop over experts."""

    def __init__(self) -> None:
        super().__init__()
        self.router = nn.Linear(8, 4, bias=False)
        self.experts = nn.ModuleList(nn.Linear(8, 8) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        weights, chosen = self.router(x).softmax(-1).topk(2)
        out = torch.zeros_like(x)
        for i, expert in enumerate(self.experts):
            token, rank = torch.where(chosen == i)
            out[token] += weights[token, rank, None] * expert(x[token])
        return out


class Soft(nn.Module):
    """Lets every expert answer and mixes the answers; the experts are one tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 4)
        self.experts = nn.Parameter(torch.randn(4, 8, 3))

    def forward(self, x: Tensor) -> Tensor:
        answers = torch.einsum("bi,nio->bno", x, self.experts)
        return (self.gate(x).softmax(-1)[..., None] * answers).sum(1)


class Product(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: Tensor, weight: Tensor) -> Tensor:
        context.save_for_backward(x, weight)
        return x.mm(weight)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        x, weight = context.saved_tensors
        return gradient.mm(weight.T), x.T.mm(gradient)


class Own(nn.Module):
    """Differentiates by a rule of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8, 3))

    def forward(self, x: Tensor) -> Tensor:
        return Product.apply(x, self.weight)


class Hyper(nn.Module):
    """A network that makes the weights of another."""

    def __init__(self) -> None:
        super().__init__()
        self.makes = nn.Linear(4, 3 * 8)
        self.task = nn.Parameter(torch.randn(4))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.makes(self.task).view(3, 8))


class Ensemble(nn.Module):
    """Three networks run as one by vmap over their stacked weights."""

    def __init__(self) -> None:
        super().__init__()
        members = [nn.Linear(8, 5) for _ in range(3)]
        stacked, _ = stack_module_state(members)
        self.stacked = nn.ParameterDict(
            {name: nn.Parameter(value.detach()) for name, value in stacked.items()}
        )
        self.shape = [nn.Linear(8, 5, device="meta")]  # in a list: its own weights are none of ours

    def forward(self, x: Tensor) -> Tensor:
        def one(weights: dict[str, Tensor]) -> Tensor:
            return functional_call(self.shape[0], weights, (x,))

        return vmap(one)(dict(self.stacked)).mean(0)


class Equilibrium(nn.Module):
    """Calls one layer until its answer stays the same."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        z = torch.zeros_like(x)
        for _ in range(4):
            z, before = torch.tanh(self.fc(z) * 0 + x), z
            if torch.equal(z, before):
                break
        return z


class Discards(nn.Module):
    """Runs a layer whose answer nobody uses, and catches an error of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.idle = nn.Linear(8, 3), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        self.idle(x)
        try:
            self.used(x[:, :2])
        except RuntimeError:
            return self.used(x)
        return x


HYPER = Cost(linear(4, 24).params + 4, 96)
# What goes back through both layers costs as much as what went forward.
PHYSICS = (linear(2, 8) + linear(8, 1)).called(2 * B)
X = floats((B, 8))

ENTRIES = [
    Entry("early exit", EarlyExit, X, (linear(8, 3) * 2).called(B), values="a value decides"),
    Entry("vae", Vae, X, (linear(8, 6) + linear(3, 8)).called(B)),
    Entry("policy", Policy, X, (linear(8, 6) + linear(6, 4) + linear(6, 1)).called(B)),
    Entry("physics", Physics, floats((B, 2)), PHYSICS, torch_misses=None),
    Entry("routed experts", Routed, floats((6, 8)),
          linear(8, 4, 6, bias=False) + Cost(4 * 72, 6 * 2 * 64), values="the router decides"),
    Entry("soft experts", Soft, X, (linear(8, 4) + Cost(96, 96)).called(B)),
    Entry("own derivative", Own, X, Cost(24, B * 24)),
    Entry("hypernetwork", Hyper, X, HYPER + Cost(0, B * 24)),
    Entry("ensemble by vmap", Ensemble, X, (linear(8, 5) * 3).called(B)),
    Entry("equilibrium", Equilibrium, X, linear(8, 8).called(2 * B), values="a value decides"),
    Entry("answers nobody uses", Discards, X, (linear(8, 3) + linear(8, 4)).called(B)),
]  # fmt: skip
