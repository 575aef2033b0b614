"""Scoring on a Dask cluster that runs already: the documents go out in batches, and their verdicts come back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import TYPE_CHECKING, Any

from retold.detector.batches import batches
from retold.errors import InputError, RetoldError

if TYPE_CHECKING:
    from distributed import Client, Future

    from retold.detector import Detector
    from retold.detector.verdict import Verdict

# Batches that wait at each thread of the cluster, so that none is idle while results are written.
_WAITING = 3
# How often a batch may meet a worker that dies before the run ends: as Dask's own, which is for workers killed for memory, too.
_RETRIES = 3
# Seconds to reach the scheduler.
_CONNECTING = 10


class ClusterScorer:
    """Scores like a detector, by the workers of a Dask cluster; each loads the model once.

    A batch whose worker dies is scored by another. Results are taken from each batch once, in order, so that a document has exactly
    one, whatever became of the workers.

    Args:
        detector: A detector that was loaded from a folder; its options are the workers'.
        address: The scheduler, such as ``tcp://scheduler:8786``.
        is_shipped: Whether the model is the shipped one, which each worker finds where it is installed there; else it must be under
            the same path everywhere.

    Raises:
        InputError: if Dask is not installed, or nothing answers at the address.
    """

    def __init__(self, detector: Detector, address: str, is_shipped: bool) -> None:
        self._detector, self._address = detector, address
        self._path = None if is_shipped else str(detector.path)
        self._client = _connected(address)

    def score_many(
        self, texts: Iterable[str], ids: Iterable[str] | None = None, jobs: int = 1, evidence: bool = True
    ) -> Iterator[Verdict]:
        """As ``Detector.score_many``; the cluster decides how many work at once, whatever ``jobs`` is.

        Raises:
            RetoldError: if no worker is left, workers keep dying, or their model is another.
        """
        documents = zip(texts, repeat("")) if ids is None else zip(texts, ids, strict=True)
        waiting: deque[Future] = deque()
        for batch in batches(documents, lambda document: document[0]):
            waiting.append(self._submit(batch, evidence))
            if len(waiting) >= self.n_batches:
                yield from self._result(waiting.popleft())
        while waiting:
            yield from self._result(waiting.popleft())

    @property
    def n_batches(self) -> int:
        """Batches that are with the cluster at once."""
        return _WAITING * max(sum(self._client.nthreads().values()), 1)

    def _submit(self, batch: list[tuple[str, str]], evidence: bool) -> Future:
        # Two batches of the same texts have results of their own.
        return self._client.submit(
            score_batch, self._path, self._detector.config, batch, evidence, pure=False, retries=_RETRIES
        )

    def _result(self, future: Future) -> list[Verdict]:
        try:
            verdicts: list[Verdict] = future.result()
        except RetoldError:
            raise
        except Exception as error:
            raise RetoldError(
                f"{self._address}: the cluster failed ({type(error).__name__}: {str(error)[:200]}); look at its workers, then "
                "run the same command with --resume"
            ) from None
        other = next((v.signature for v in verdicts if v.signature != self._detector.signature), None)
        if other is not None:
            raise RetoldError(
                f"{self._address}: its workers score as {other}, this command as {self._detector.signature}; "
                "install the same version and model everywhere"
            )
        return verdicts


def score_batch(path: str | None, config: Any, documents: list[tuple[str, str]], evidence: bool) -> list[Verdict]:
    """What a worker does: score a batch.

    Args:
        path: Folder of the model; None for the shipped one.
        config: The detector's options, a ``ScoringConfig``.
        documents: Texts, each with its id.
        evidence: Whether to look for evidence.
    """
    # On a worker, which starts with this module alone.
    from retold.detector import load

    detector = load(path).with_config(config)
    texts, ids = zip(*documents, strict=True)
    return list(detector.score_many(texts, ids, evidence=evidence))


def _connected(address: str) -> Client:
    try:
        # An extra.
        from distributed import Client
    except ModuleNotFoundError:
        raise InputError("--scheduler needs Dask: python -m pip install 'retold[dask]'") from None
    try:
        return Client(address, timeout=_CONNECTING)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"--scheduler {address}: no Dask scheduler answers there ({str(error)[:200]}); start one with: dask scheduler"
        ) from None
