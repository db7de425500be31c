"""Models, limits, voices, templates and prices: dated data files and their loader.

Everything that changes without the code changing is a TOML file under ``data/``, each entry with its
source and the day it was read. A user's folder with files of the same names and form overrides and
extends them (``MINIMAX_NB_CATALOG``), so that a new model or price needs no code.
"""

from minimax_nb.catalog.entries import Limit, Model, Template, Voice
from minimax_nb.catalog.files import FilePurpose
from minimax_nb.catalog.loader import Catalog, catalog
from minimax_nb.catalog.nearest import nearest
from minimax_nb.catalog.prices import Price, PriceBook, Quote

__all__ = [
    "Catalog",
    "FilePurpose",
    "Limit",
    "Model",
    "Price",
    "PriceBook",
    "Quote",
    "Template",
    "Voice",
    "catalog",
    "nearest",
]
