"""Where providers report: an address for each paid request, and a receiver that keeps what comes.

A report is never believed. It makes the engine look at the job at once, and for a job whose reply was
lost it tells which task to ask the provider for.
"""
