"""The estimator, and verdicts that show themselves."""

from retold.detector.detector import Detector, Head, load
from retold.detector.verdict import LABELS, Verdict

__all__ = ["LABELS", "Detector", "Head", "Verdict", "load"]
