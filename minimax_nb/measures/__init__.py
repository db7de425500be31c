"""Numbers worked out of a result: loudness, silence, sharpness …, and whatever a user adds.

A measure is a function of a file and of the job that made it. Plug-ins register more of them through
the entry-point group ``minimax_nb.measures``; the name of the entry point becomes the name of the column.
"""

from minimax_nb.measures.measure import Measure, built_in, known, own

__all__ = ["Measure", "built_in", "known", "own"]
