"""Loading OpenCV, which needs libraries of the system that may not be there."""

from __future__ import annotations

from typing import Any

from neuroevo.errors import TaskError


def load_opencv() -> Any:
    """Return the module cv2.

    Raises:
        TaskError: its system libraries are missing.
    """
    try:
        import cv2
    except ImportError as problem:
        raise TaskError(
            f"opencv-python: must find its system libraries; got {problem}. "
            "On Debian and Ubuntu: apt install libgl1 libglib2.0-0"
        ) from problem
    return cv2
