-- Jobs that came with a bundle: somebody else's, so they never count as spent here.

ALTER TABLE jobs ADD COLUMN imported_us BIGINT;   -- when they came; NULL for jobs asked for here
CREATE INDEX ix_jobs_imported ON jobs (imported_us) WHERE imported_us IS NOT NULL;

-- The sums of costs are of what was asked for here; what keeps them reads this view.
DROP VIEW job_costs;
CREATE VIEW job_costs AS
SELECT
  id, created_us,
  created_us / 86400000000 AS day,
  project, COALESCE(session_id, '') AS session_id, kind, provider, model, currency, sandbox,
  1 AS jobs,
  COALESCE(cost_nano, 0) AS cost_nano,
  CASE WHEN cost_nano IS NOT NULL AND charge = 'charged' THEN COALESCE(estimate_nano, 0) ELSE 0 END AS estimate_nano,
  CASE WHEN cost_nano IS NULL AND charge = 'unknown' THEN COALESCE(estimate_nano, 0) ELSE 0 END AS possible_nano,
  CASE WHEN cost_nano IS NULL AND charge = 'unknown' THEN 1 ELSE 0 END AS possible_jobs,
  CASE WHEN cost_nano IS NULL AND charge IN ('none', 'held')
    AND state IN ('new', 'submitting', 'queued', 'running') THEN COALESCE(estimate_nano, 0) ELSE 0 END AS open_nano,
  CASE WHEN cost_nano IS NULL AND charge = 'charged' THEN 1 ELSE 0 END AS unpriced_jobs
FROM jobs WHERE imported_us IS NULL;
