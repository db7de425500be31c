"""From votes to a ranking: which pairs to show, how strong each contender is, and how sure that is. No I/O."""
