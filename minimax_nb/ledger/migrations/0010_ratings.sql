-- What people said of results shown to them side by side without names.

CREATE TABLE rating_sessions (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,              -- what the user calls it; the same name goes on where it stopped
  project     TEXT NOT NULL,
  compares    TEXT NOT NULL,                     -- what the contenders are: model, voice, provider ...
  seed        BIGINT NOT NULL,                   -- decides order and sides
  items       TEXT NOT NULL,                     -- JSON: job, content, contender and question of each result
  created_us  BIGINT NOT NULL
);

CREATE TABLE votes (                             -- append-only; taking one back is a mark on its row
  id          INTEGER PRIMARY KEY,
  session_id  TEXT NOT NULL REFERENCES rating_sessions (id),
  rater       TEXT NOT NULL,
  left_job    TEXT NOT NULL,                     -- shown as A
  left_sha    TEXT NOT NULL,
  right_job   TEXT NOT NULL,                     -- shown as B
  right_sha   TEXT NOT NULL,
  choice      TEXT NOT NULL CHECK (choice IN ('A', 'B', 'tie', 'both bad')),
  left_stars  INTEGER CHECK (left_stars BETWEEN 1 AND 5),
  right_stars INTEGER CHECK (right_stars BETWEEN 1 AND 5),
  at_us       BIGINT NOT NULL,
  undone_us   BIGINT
);
-- One standing vote a rater and pair: a second kernel at the same session cannot count one twice.
CREATE UNIQUE INDEX ux_votes_standing ON votes (session_id, rater, left_sha, right_sha) WHERE undone_us IS NULL;
