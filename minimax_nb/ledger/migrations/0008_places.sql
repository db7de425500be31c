-- Places under an account's limit of requests at once: who has one, and which kernel waits for one.

CREATE TABLE places (                            -- one row a job; forgotten once its job is over
  job_id    TEXT PRIMARY KEY REFERENCES jobs (id),
  account   TEXT NOT NULL,
  rpm_class TEXT NOT NULL,
  owner     TEXT NOT NULL,                       -- the process, as in jobs.lease_owner
  asked_us  BIGINT NOT NULL,
  seen_us   BIGINT NOT NULL,                     -- a waiting process asks again and again; one that died does not
  taken_us  BIGINT,                              -- NULL: waiting
  until_us  BIGINT                               -- counted until then though nobody watches the job any more
);
CREATE INDEX ix_places_class ON places (account, rpm_class);
