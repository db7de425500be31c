"""Bytes on disk: the store, and what its files are and look like."""

from minimax_nb.media.item import Media
from minimax_nb.media.probe import Facts, probe
from minimax_nb.media.store import MediaStore, StoredFile, StoreWriter
from minimax_nb.media.types import MediaKind

__all__ = ["Facts", "Media", "MediaKind", "MediaStore", "StoreWriter", "StoredFile", "probe"]
