"""The estimator, and verdicts that show themselves."""

from retold.detector.classifier import LinearClassifier
from retold.detector.detector import Detector, load
from retold.detector.verdict import LABELS, Verdict

__all__ = ["LABELS", "Detector", "LinearClassifier", "Verdict", "load"]
