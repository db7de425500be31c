"""Results as pages and pictures to hand on: baked notebooks, contact sheets. Part of Lab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from minimax_nb.exchange.baking import Rewritten
    from minimax_nb.lab.lab import Lab
    from minimax_nb.lab.sheets import Sheet


class Pages:
    """``lab.bake(…)`` and its sisters; a part of :class:`~minimax_nb.Lab`."""

    def bake(self, notebook: str | Path, *, to: str | Path | None = None, max_mb: float = 25.0) -> Rewritten:
        """Embed the media that the cards of a saved notebook link to, so that the one file shows everything.

        Pictures are shown by the previews that are in it already; players get their whole files, the
        smallest first. Code, texts and other outputs stay byte for byte. Twice does no harm.

        Parameters
        ----------
        notebook
            The ``.ipynb``. Save it before; when it is open in Jupyter, reload it from disk afterwards.
        to
            Write the result here and leave the notebook alone.
        max_mb
            Megabytes that it may have afterwards; what does not fit stays linked, and is named.

        Returns
        -------
        Rewritten
            What was embedded and what was not, with sizes; prints as lines.

        Raises
        ------
        MediaError, RequestInvalidError
            It is no notebook, cannot be written, or was saved meanwhile.
        """
        from minimax_nb.exchange.baking import bake

        root = cast("Lab", self).store.root
        return bake(_path(notebook), root, to=None if to is None else _path(to), max_mb=max_mb)

    def link(self, notebook: str | Path, *, to: str | Path | None = None) -> Rewritten:
        """Turn the embedded media of a baked notebook back into links, and write the files that are missing.

        Parameters
        ----------
        notebook
            The ``.ipynb``.
        to
            Write the result here and leave the notebook alone.
        """
        from minimax_nb.exchange.baking import link

        return link(_path(notebook), cast("Lab", self).store, to=None if to is None else _path(to))

    def contact_sheet(self, what: Any, *, columns: int | None = None, width: int = 1200) -> Sheet:
        """Put the pictures of many results on one, with a line under each that says how they differ.

        Parameters
        ----------
        what
            A sweep, results, jobs, job ids, ``lab.log()`` or a batch's id.
        columns
            Pictures in a row; as many as look right by default.
        width
            Of the whole sheet in px, 200 to 6000.

        Returns
        -------
        Sheet
            A JPEG that shows itself; ``.save("sheet.jpg")``.

        Raises
        ------
        RequestInvalidError
            No picture, video or sound among them.
        """
        from minimax_nb.lab.sheets import sheet_of

        return sheet_of(cast("Lab", self), what, columns, width)


def _path(path: str | Path) -> Path:
    return Path(path).expanduser()
