"""The beginning and the end of a picture that is too long, with one box for all between."""

from __future__ import annotations

from dataclasses import replace

from nnarch_nb.verbs.graph.parts import Edge, Node


def shortened(
    nodes: tuple[Node, ...], edges: tuple[Edge, ...], most: int
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Return at most ``most`` nodes, and the edges between them."""
    if len(nodes) <= most:
        return nodes, edges
    head = (most - 1) // 2
    tail = most - 1 - head
    hidden = nodes[head : len(nodes) - tail]
    kept: tuple[Node, ...] = (*nodes[:head], box_for(hidden, head), *nodes[len(nodes) - tail :])
    return tuple(replace(node, id=i) for i, node in enumerate(kept)), rewired(edges, head, len(hidden))


def box_for(hidden: tuple[Node, ...], number: int) -> Node:
    params, macs = sum(node.params for node in hidden), sum(node.macs for node in hidden)
    return Node(number, "more", "", "", "", (), params, macs, f"… {len(hidden):,} more")


def rewired(edges: tuple[Edge, ...], head: int, hidden: int) -> tuple[Edge, ...]:
    """Return the edges with the new numbers; those to or from the hidden part once for each shape."""

    def new(number: int) -> int:
        return number if number < head else max(head, number - hidden + 1)

    found: dict[tuple[object, ...], Edge] = {}
    for i, edge in enumerate(edges):
        source, target = new(edge.source), new(edge.target)
        if source != target:
            key = (source, target, edge.shape, None if head in (source, target) else i)
            found.setdefault(key, replace(edge, source=source, target=target))
    return tuple(found.values())
