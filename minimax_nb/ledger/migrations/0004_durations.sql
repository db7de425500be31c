-- How long finished jobs took, by what decides it; the polling and the time left of the next are learnt from it.

CREATE TABLE durations (
  job_id     TEXT PRIMARY KEY REFERENCES jobs (id),
  provider   TEXT NOT NULL,
  kind       TEXT NOT NULL,
  clock      TEXT NOT NULL,                      -- '' in life; 'sandbox x20' where all goes 20 times faster
  model      TEXT NOT NULL,
  size       TEXT NOT NULL,                      -- resolution, length, number of outputs, length of the text
  at_us      BIGINT NOT NULL,                    -- when it was written
  over_us    BIGINT NOT NULL,                    -- since sending: it took longer than this (it was looked at) ...
  within_us  BIGINT NOT NULL,                    -- ... and at most this
  run_over_us   BIGINT,                          -- the same since it left the queue; NULL when that was not seen
  run_within_us BIGINT,
  CHECK (over_us >= 0 AND within_us >= over_us)
);
CREATE INDEX ix_durations_key ON durations (provider, kind, clock, model, size, at_us);
CREATE INDEX ix_durations_kind ON durations (provider, kind, clock, at_us);
