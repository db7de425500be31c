"""``python -m minimax_nb`` is the ``minimax-nb`` command."""

import sys

from minimax_nb.cli import main

sys.exit(main())
