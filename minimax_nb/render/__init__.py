"""What a person sees of a job: view models, and the same content as HTML and as plain text.

``view`` turns a ledger row and its media into a :class:`~minimax_nb.render.view.JobView`; ``html`` and
``text`` draw views, ``surface`` decides where and how often. Nothing here waits, stores or sends.
"""
