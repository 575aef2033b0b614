"""Models as audited folders, and where the shipped one lies."""

from retold.model_store.bundled import bundled_model
from retold.model_store.model_folder import ModelFolder, read_model
from retold.model_store.strict_json import parse_json
from retold.model_store.writing import check_replaceable, write_model

__all__ = ["ModelFolder", "bundled_model", "check_replaceable", "parse_json", "read_model", "write_model"]
