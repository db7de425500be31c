-- Sweeps: jobs that were asked for together, and what sets each of them apart.

ALTER TABLE jobs ADD COLUMN batch TEXT;          -- the sweep's id; NULL for a job of its own
ALTER TABLE jobs ADD COLUMN axes  TEXT;          -- JSON object: axis -> value, in the order of the sweep
CREATE INDEX ix_jobs_batch ON jobs (batch, fingerprint) WHERE batch IS NOT NULL;
