"""Why the work stopped, where that is in neither the command nor its inputs."""

from __future__ import annotations


def stop_reason(error: BaseException) -> str:
    """Return a sentence on an unexpected error, and what to do."""
    # Loaded only where something went wrong.
    from concurrent.futures import BrokenExecutor

    if isinstance(error, BrokenExecutor):
        return "a worker process was killed, perhaps for lack of memory; run it again with fewer --jobs"
    if isinstance(error, MemoryError):
        return "out of memory; give fewer documents at a time, or fewer --jobs"
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}; check the space and permissions of the output"
    return (
        f"internal error ({type(error).__name__}: {error}); this is a fault of the program. "
        "Please report it with what RETOLD_DEBUG=1 in the environment prints"
    )
