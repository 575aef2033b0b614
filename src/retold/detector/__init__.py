"""The estimator, and verdicts that show themselves."""

from retold.detector.detector import Detector, load
from retold.detector.head import Head
from retold.detector.verdict import LABELS, Verdict

__all__ = ["LABELS", "Detector", "Head", "Verdict", "load"]
