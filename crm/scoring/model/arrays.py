"""Names for the arrays that the model passes around."""

from numpy import bool_, float64, integer
from numpy.typing import NDArray

Codes = NDArray[integer]
"""Level codes [rows, features]; a code below zero or beyond the levels is unseen and worth nothing."""

Floats = NDArray[float64]
Flags = NDArray[bool_]
