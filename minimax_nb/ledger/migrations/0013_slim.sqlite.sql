-- Fewer pages a job: rows kept in their key's own order need no second tree, and a job without a task no place in
-- the index of tasks. (Not job_events: its rows are too long for that.)

CREATE TABLE slim (
  job_id      TEXT NOT NULL REFERENCES jobs (id),
  seq         INTEGER NOT NULL,
  at_us       BIGINT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('charge', 'adjust', 'refund')),
  amount_nano BIGINT NOT NULL,
  currency    TEXT NOT NULL,
  source      TEXT NOT NULL,
  unit        TEXT,
  quantity    BIGINT,
  price_id    TEXT,
  note        TEXT,
  PRIMARY KEY (job_id, seq)
) WITHOUT ROWID;
INSERT INTO slim SELECT * FROM cost_lines;
DROP TABLE cost_lines;
ALTER TABLE slim RENAME TO cost_lines;

CREATE TRIGGER cost_lines_are_final BEFORE UPDATE ON cost_lines
BEGIN
  SELECT RAISE(ABORT, 'cost_lines is append-only');
END;

CREATE TRIGGER cost_lines_are_kept BEFORE DELETE ON cost_lines
BEGIN
  SELECT RAISE(ABORT, 'cost_lines is append-only');
END;

CREATE TABLE slim (
  job_id         TEXT NOT NULL REFERENCES jobs (id),
  role           TEXT NOT NULL,
  position       INTEGER NOT NULL,
  sha256         TEXT REFERENCES media (sha256),
  name           TEXT,
  url            TEXT,
  url_expires_us BIGINT,
  file_id        TEXT,
  PRIMARY KEY (job_id, role, position)
) WITHOUT ROWID;
INSERT INTO slim SELECT * FROM job_media;
DROP TABLE job_media;
ALTER TABLE slim RENAME TO job_media;
CREATE INDEX ix_job_media_sha256 ON job_media (sha256);

CREATE TABLE slim (
  job_id     TEXT PRIMARY KEY REFERENCES jobs (id),
  provider   TEXT NOT NULL,
  kind       TEXT NOT NULL,
  clock      TEXT NOT NULL,
  model      TEXT NOT NULL,
  size       TEXT NOT NULL,
  at_us      BIGINT NOT NULL,
  over_us    BIGINT NOT NULL,
  within_us  BIGINT NOT NULL,
  run_over_us   BIGINT,
  run_within_us BIGINT,
  CHECK (over_us >= 0 AND within_us >= over_us)
) WITHOUT ROWID;
INSERT INTO slim SELECT * FROM durations;
DROP TABLE durations;
ALTER TABLE slim RENAME TO durations;
CREATE INDEX ix_durations_key ON durations (provider, kind, clock, model, size, at_us);
CREATE INDEX ix_durations_kind ON durations (provider, kind, clock, at_us);

DROP TABLE admissions;                           -- what is older than some minutes says nothing
CREATE TABLE admissions (
  account   TEXT NOT NULL,
  rpm_class TEXT NOT NULL,
  due_us    BIGINT NOT NULL,
  id        TEXT NOT NULL,
  PRIMARY KEY (account, rpm_class, due_us, id)
) WITHOUT ROWID;

DROP INDEX ix_jobs_task;
CREATE INDEX ix_jobs_task ON jobs (provider, task_id) WHERE task_id IS NOT NULL;
