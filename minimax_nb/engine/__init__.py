"""Between "asked" and "settled": the states of a job, who drives it, how it waits, and what it may cost."""
