"""Models as audited folders, and where the shipped one lies."""

from retold.model_store.folder import ModelFolder, read_model, write_model
from retold.model_store.shipped import shipped_model

__all__ = ["ModelFolder", "read_model", "shipped_model", "write_model"]
