"""The picture that the program of 2021 gave to its networks, bit by bit, with its quirks.

For whoever wants to compare with it, or to run its genomes. The steps are those of the published
scripts of its kind (all follow Lucas Thompson's video lessons "OpenAI NEAT" of 2018):

1. The size is exchanged: ``cv2.resize(frame, (height // 8, width // 8))`` asks for a picture that
   is height // 8 *wide* and width // 8 *high*, so the screen is squeezed into a portrait.
2. Red and blue are exchanged: ``cv2.COLOR_BGR2GRAY`` takes the emulator's red for blue.
3. ``reshape`` to (height // 8, width // 8) does not turn the portrait back; it only cuts its rows
   anew, and ``flatten`` joins them again. So the inputs are the portrait row by row.
4. The bytes stay as they are, 0 to 255.

The one module beside the pictures for people that loads OpenCV.
"""

from __future__ import annotations

from neuroevo.tasks.retro.emulator import fit_crop
from neuroevo.tasks.retro.live.picture import Picture, as_rgb
from neuroevo.tasks.retro.observation.parts import Float64Array
from neuroevo.tasks.retro.observation.pixels import Crop, picture_size
from neuroevo.tasks.retro.opencv import load_opencv
from neuroevo.tasks.retro.settings import ObservationSettings


class SeedShrinker:
    """Shrinks as the program of 2021 did."""

    def __init__(
        self, settings: ObservationSettings, screen_shape: tuple[int, ...], crop: Crop
    ) -> None:
        """Fix the size from a real frame, as ``AreaShrinker`` in ``pixels.py`` does.

        Raises:
            TaskError: the size is not positive, or OpenCV cannot be loaded.
        """
        self._cv2, self._crop = load_opencv(), crop
        self._cv2.setNumThreads(1)  # as many workers as cores are at work already
        self._size = picture_size(settings, screen_shape, crop)
        self._scale = 1.0 if settings.range == "raw" else 255.0

    @property
    def picture_shape(self) -> tuple[int, int]:
        """(rows, columns) of the portrait, so that people see what is in the inputs."""
        rows, columns = self._size
        return columns, rows

    def shrink(self, picture: Picture, out: Float64Array) -> None:
        """Write the portrait row by row, 0 to 255 if raw, else 0 to 1."""
        screen = as_rgb(picture)
        x, y, width, height = fit_crop(self._crop, screen.shape[0], screen.shape[1])
        part = screen[y : y + height, x : x + width]
        small = self._cv2.resize(part, self._size)  # OpenCV takes (width, height)
        grey = self._cv2.cvtColor(small, self._cv2.COLOR_BGR2GRAY)
        out[:] = grey.reshape(-1)
        out /= self._scale
