-- The ledger as a laboratory notebook: stars, notes, and what was spent, summed up as it happens.

CREATE TABLE stars (                             -- a row: the job is starred; job_events has when and by whom
  job_id TEXT PRIMARY KEY REFERENCES jobs (id),
  at_us  BIGINT NOT NULL
);

CREATE TABLE notes (                             -- append-only
  job_id TEXT NOT NULL REFERENCES jobs (id),
  seq    INTEGER NOT NULL,                       -- 1, 2, 3 ... within the job
  at_us  BIGINT NOT NULL,
  actor  TEXT NOT NULL,                          -- host:pid that wrote it
  text   TEXT NOT NULL,
  PRIMARY KEY (job_id, seq)
);

-- Filters that a walk along ix_jobs_created would answer too slowly in a long ledger.
CREATE INDEX ix_jobs_session ON jobs (session_id, created_us);
CREATE INDEX ix_jobs_not_done ON jobs (state, created_us) WHERE state <> 'succeeded';
CREATE INDEX ix_reservations_held ON reservations (budget_id, starts_us) WHERE held_nano > 0;

-- What one job adds to the sums.
CREATE VIEW job_costs AS
SELECT
  id, created_us,
  created_us / 86400000000 AS day,               -- days since the Unix epoch, UTC
  project, COALESCE(session_id, '') AS session_id, kind, provider, model, currency, sandbox,
  1 AS jobs,
  COALESCE(cost_nano, 0) AS cost_nano,
  -- What was expected of the jobs that were charged, to hold against what they cost.
  CASE WHEN cost_nano IS NOT NULL AND charge = 'charged' THEN COALESCE(estimate_nano, 0) ELSE 0 END AS estimate_nano,
  -- What may have been charged without our knowing.
  CASE WHEN cost_nano IS NULL AND charge = 'unknown' THEN COALESCE(estimate_nano, 0) ELSE 0 END AS possible_nano,
  CASE WHEN cost_nano IS NULL AND charge = 'unknown' THEN 1 ELSE 0 END AS possible_jobs,
  -- What still runs.
  CASE WHEN cost_nano IS NULL AND charge IN ('none', 'held')
    AND state IN ('new', 'submitting', 'queued', 'running') THEN COALESCE(estimate_nano, 0) ELSE 0 END AS open_nano,
  -- Charged, and nobody knows how much.
  CASE WHEN cost_nano IS NULL AND charge = 'charged' THEN 1 ELSE 0 END AS unpriced_jobs
FROM jobs;

-- The sums, so that a million jobs are summed up from some ten thousand rows. Kept by the triggers below, in the
-- transaction of each change.
CREATE TABLE cost_days (
  day           INTEGER NOT NULL,
  project       TEXT NOT NULL,
  session_id    TEXT NOT NULL,
  kind          TEXT NOT NULL,
  provider      TEXT NOT NULL,
  model         TEXT NOT NULL,
  currency      TEXT NOT NULL,
  sandbox       INTEGER NOT NULL,
  jobs          INTEGER NOT NULL,
  cost_nano     BIGINT NOT NULL,
  estimate_nano BIGINT NOT NULL,
  possible_nano BIGINT NOT NULL,
  possible_jobs INTEGER NOT NULL,
  open_nano     BIGINT NOT NULL,
  unpriced_jobs INTEGER NOT NULL,
  PRIMARY KEY (day, project, session_id, kind, provider, model, currency, sandbox)
) WITHOUT ROWID;

INSERT INTO cost_days
SELECT day, project, session_id, kind, provider, model, currency, sandbox, SUM(jobs), SUM(cost_nano),
  SUM(estimate_nano), SUM(possible_nano), SUM(possible_jobs), SUM(open_nano), SUM(unpriced_jobs)
FROM job_costs GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

CREATE TRIGGER jobs_are_summed AFTER INSERT ON jobs
BEGIN
  INSERT INTO cost_days
  SELECT day, project, session_id, kind, provider, model, currency, sandbox, jobs, cost_nano,
    estimate_nano, possible_nano, possible_jobs, open_nano, unpriced_jobs
  FROM job_costs WHERE id = NEW.id
  ON CONFLICT (day, project, session_id, kind, provider, model, currency, sandbox) DO UPDATE SET
    jobs = jobs + excluded.jobs, cost_nano = cost_nano + excluded.cost_nano,
    estimate_nano = estimate_nano + excluded.estimate_nano, possible_nano = possible_nano + excluded.possible_nano,
    possible_jobs = possible_jobs + excluded.possible_jobs, open_nano = open_nano + excluded.open_nano,
    unpriced_jobs = unpriced_jobs + excluded.unpriced_jobs;
END;

CREATE TRIGGER jobs_leave_their_sums
BEFORE UPDATE OF state, charge, cost_nano, estimate_nano, project, session_id, model ON jobs
WHEN OLD.state IS NOT NEW.state OR OLD.charge IS NOT NEW.charge OR OLD.cost_nano IS NOT NEW.cost_nano
  OR OLD.estimate_nano IS NOT NEW.estimate_nano OR OLD.project IS NOT NEW.project
  OR OLD.session_id IS NOT NEW.session_id OR OLD.model IS NOT NEW.model
BEGIN
  UPDATE cost_days SET
    jobs = cost_days.jobs - gone.jobs, cost_nano = cost_days.cost_nano - gone.cost_nano,
    estimate_nano = cost_days.estimate_nano - gone.estimate_nano,
    possible_nano = cost_days.possible_nano - gone.possible_nano,
    possible_jobs = cost_days.possible_jobs - gone.possible_jobs,
    open_nano = cost_days.open_nano - gone.open_nano,
    unpriced_jobs = cost_days.unpriced_jobs - gone.unpriced_jobs
  FROM job_costs AS gone
  WHERE gone.id = OLD.id AND cost_days.day = gone.day AND cost_days.project = gone.project
    AND cost_days.session_id = gone.session_id AND cost_days.kind = gone.kind
    AND cost_days.provider = gone.provider AND cost_days.model = gone.model
    AND cost_days.currency = gone.currency AND cost_days.sandbox = gone.sandbox;
END;

CREATE TRIGGER jobs_join_their_sums
AFTER UPDATE OF state, charge, cost_nano, estimate_nano, project, session_id, model ON jobs
WHEN OLD.state IS NOT NEW.state OR OLD.charge IS NOT NEW.charge OR OLD.cost_nano IS NOT NEW.cost_nano
  OR OLD.estimate_nano IS NOT NEW.estimate_nano OR OLD.project IS NOT NEW.project
  OR OLD.session_id IS NOT NEW.session_id OR OLD.model IS NOT NEW.model
BEGIN
  INSERT INTO cost_days
  SELECT day, project, session_id, kind, provider, model, currency, sandbox, jobs, cost_nano,
    estimate_nano, possible_nano, possible_jobs, open_nano, unpriced_jobs
  FROM job_costs WHERE id = NEW.id
  ON CONFLICT (day, project, session_id, kind, provider, model, currency, sandbox) DO UPDATE SET
    jobs = jobs + excluded.jobs, cost_nano = cost_nano + excluded.cost_nano,
    estimate_nano = estimate_nano + excluded.estimate_nano, possible_nano = possible_nano + excluded.possible_nano,
    possible_jobs = possible_jobs + excluded.possible_jobs, open_nano = open_nano + excluded.open_nano,
    unpriced_jobs = unpriced_jobs + excluded.unpriced_jobs;
END;
