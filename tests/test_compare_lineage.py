"""Trees over versions: sums over all of them, and the best one."""

from itertools import product

import numpy as np
import pytest

from retold.compare.arborescence import max_spanning_arborescence
from retold.compare.lineage import infer_lineage


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


def relations(n, told):
    """Log probabilities of relations: near certain where told, siblings elsewhere."""
    out = np.full((n, n, 5), np.log(0.01))
    out[:, :, 2] = np.log(0.96)
    for (parent, child), relation in told.items():
        out[parent, child] = np.log([0.96 if r == relation else 0.01 for r in range(5)])
        back = {0: 3, 1: 4}[relation]
        out[child, parent] = np.log([0.96 if r == back else 0.01 for r in range(5)])
    return out


EVEN = np.log(np.full((3, 3), 1 / 3))


def test_a_source_with_an_edit_and_a_round_trip():
    found = infer_lineage(relations(3, {(1, 0): 0, (1, 2): 1}), EVEN)
    assert found.parent.tolist() == [1, -1, 1]
    assert found.source.argmax() == 1
    assert found.source[1] > 0.8
    assert found.labels.argmax(axis=1).tolist() == [1, 0, 2]
    np.testing.assert_allclose(found.labels.sum(axis=1), 1)


def test_an_edit_of_a_round_trip_is_back_translated():
    found = infer_lineage(relations(3, {(0, 1): 1, (1, 2): 0}), EVEN)
    assert found.parent.tolist() == [-1, 0, 1]
    assert found.labels.argmax(axis=1).tolist() == [0, 2, 2]


def test_a_missing_source_is_allowed():
    texts = np.log(np.array([[0.02, 0.08, 0.9], [0.02, 0.08, 0.9]]))
    found = infer_lineage(relations(2, {}), texts)
    assert found.source.sum() < 0.2
    assert found.parent.tolist() == [-1, -1]
    assert found.labels.argmax(axis=1).tolist() == [2, 2]


def test_each_version_has_one_origin():
    rng = np.random.default_rng(0)
    free = np.log(rng.dirichlet(np.ones(5), size=(6, 6)))
    found = infer_lineage(free, np.log(rng.dirichlet(np.ones(3), size=6)))
    assert found.source.sum() <= 1 + 1e-9
    assert (found.edges.sum(axis=(0, 2)) + found.source <= 1 + 1e-9).all()
    assert np.isfinite(found.edges).all()


def test_marginals_are_those_of_all_trees():
    rng = np.random.default_rng(3)
    edges, roots = rng.normal(size=(4, 4)), rng.normal(size=4)
    from retold.compare.lineage import _marginals

    for single in (True, False):
        shares, log_sum = _marginals(edges, roots, single)
        every = [p for p in trees(4) if ok(p) and (p.count(-1) == 1 or not single)]
        weights = np.exp([weight(p, edges, roots) for p in every])
        expected = np.zeros((5, 4))
        for parents, w in zip(every, weights, strict=True):
            expected[np.array(parents) + 1, range(4)] += w / weights.sum()
        np.testing.assert_allclose(shares, expected, atol=1e-9)
        assert log_sum == pytest.approx(np.log(weights.sum()))
