"""Trees over versions: sums over all of them, and the best one."""

from itertools import product

import numpy as np
import pytest

from retold.compare.arborescence import max_spanning_arborescence
from retold.compare.lineage import TreeScores, infer_lineage
from retold.compare.tree_sums import tree_marginals


def trees(n):
    """Parent lists of every forest over n nodes."""
    for parents in product(range(-1, n), repeat=n):
        if all(reaches_a_root(i, parents) for i in range(n)):
            yield parents


def reaches_a_root(i, parents):
    for _ in range(len(parents) + 1):
        if i < 0:
            return True
        i = parents[i]
    return False


def weight(parents, edges, roots):
    return sum(roots[i] if p < 0 else edges[p, i] for i, p in enumerate(parents))


@pytest.mark.parametrize("seed", range(8))
def test_best_tree_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    edges, roots = rng.normal(size=(5, 5)), rng.normal(size=5) - 2
    best = max(trees(5), key=lambda parents: weight(parents, edges, roots) if ok(parents) else -np.inf)
    assert tuple(max_spanning_arborescence(edges, roots)) == best


def ok(parents):
    return all(i != p for i, p in enumerate(parents))


def scores(n, told, texts=None):
    """Tree scores in which the told edges, by parent and child, stand out; 0 is an edit and 1 a round trip."""
    edges = np.full((n, n, 2), -5.0)
    for (parent, child), kind in told.items():
        edges[parent, child, kind] = 5.0
    found = TreeScores(edges, np.full(n, 0.0), np.full((n, 2), -1.0), np.array(-3.0))
    return found if texts is None else found.with_texts(texts)


def test_a_source_with_an_edit_and_a_round_trip():
    found = infer_lineage(scores(3, {(1, 0): 0, (1, 2): 1}))
    assert found.parent.tolist() == [1, -1, 1]
    assert found.source.argmax() == 1
    assert found.source[1] > 0.8
    assert found.labels.argmax(axis=1).tolist() == [1, 0, 2]
    np.testing.assert_allclose(found.labels.sum(axis=1), 1)


def test_an_edit_of_a_round_trip_is_back_translated():
    found = infer_lineage(scores(3, {(0, 1): 1, (1, 2): 0}))
    assert found.parent.tolist() == [-1, 0, 1]
    assert found.labels.argmax(axis=1).tolist() == [0, 2, 2]


def test_a_missing_source_is_allowed():
    texts = np.log(np.array([[0.02, 0.08, 0.9], [0.02, 0.08, 0.9]]))
    found = infer_lineage(scores(2, {}, texts))
    assert found.source.sum() < 0.2
    assert found.parent.tolist() == [-1, -1]
    assert found.labels.argmax(axis=1).tolist() == [2, 2]


def test_each_version_has_one_origin():
    rng = np.random.default_rng(0)
    found = infer_lineage(
        TreeScores(rng.normal(size=(6, 6, 2)), rng.normal(size=6), rng.normal(size=(6, 2)), np.array(0.0))
    )
    assert found.source.sum() <= 1 + 1e-9
    assert (found.edges.sum(axis=(0, 2)) + found.source <= 1 + 1e-9).all()
    assert np.isfinite(found.edges).all()


def test_what_cannot_be_is_never_inferred():
    edges = scores(3, {(0, 1): 0, (0, 2): 1}).edges
    edges[0, 2] = edges[2, 0] = -np.inf
    found = infer_lineage(TreeScores(edges, np.zeros(3), np.full((3, 2), -1.0), np.array(-1.0)))
    assert np.isfinite(found.labels).all()
    assert found.edges[0, 2].sum() < 1e-9


def test_marginals_are_those_of_all_trees():
    rng = np.random.default_rng(3)
    edges, roots = rng.normal(size=(4, 4)), rng.normal(size=4)
    np.fill_diagonal(edges, -np.inf)
    for is_single in (True, False):
        log_sum, chosen, shares = tree_marginals(edges, roots, is_single)
        every = [p for p in trees(4) if ok(p) and (p.count(-1) == 1 or not is_single)]
        weights = np.exp([weight(p, edges, roots) for p in every])
        expected = np.zeros((5, 4))
        for parents, w in zip(every, weights, strict=True):
            expected[np.array(parents) + 1, range(4)] += w / weights.sum()
        np.testing.assert_allclose(np.vstack([chosen, shares]), expected, atol=1e-9)
        assert log_sum == pytest.approx(np.log(weights.sum()))


def test_a_stack_of_stories_is_each_of_them():
    rng = np.random.default_rng(4)
    edges, roots = rng.normal(size=(2, 3, 3)), rng.normal(size=(2, 3))
    both = tree_marginals(edges, roots, True)
    for row in range(2):
        for found, own in zip(both, tree_marginals(edges[row], roots[row], True), strict=True):
            np.testing.assert_allclose(found[row], own)
