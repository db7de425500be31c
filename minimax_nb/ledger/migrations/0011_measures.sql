-- What was measured of a result: a number a name, so that it is worked out once.

CREATE TABLE measures (
  job_id  TEXT NOT NULL REFERENCES jobs (id),
  sha256  TEXT NOT NULL,                         -- the content that was measured
  name    TEXT NOT NULL,                         -- loudness, sharpness ..., or the name of a user's function
  version TEXT NOT NULL,                         -- of the way of measuring; another one is measured anew
  value   DOUBLE PRECISION,                      -- NULL: it does not apply to this content
  at_us   BIGINT NOT NULL,
  PRIMARY KEY (job_id, sha256, name)
);
