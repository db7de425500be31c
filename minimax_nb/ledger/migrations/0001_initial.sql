-- The first ledger. One text for SQLite (3.35 or later) and PostgreSQL (13 or later).
--
-- Units are in the names: *_us microseconds since the Unix epoch, UTC; *_nano 1e-9 of the row's
-- currency, signed 64 bit; *_bytes; *_sha256 64 lower-case hex digits. JSON is TEXT with sorted keys.
-- NULL means not known, never zero. No column ever holds a key.

CREATE TABLE jobs (                              -- one row a provider call; the head of its job_events
  id             TEXT PRIMARY KEY,               -- ULID, made before anything is sent; sorts by time
  kind           TEXT NOT NULL,                  -- image, video, speech, music, voice-design, voice-clone, ...
  provider       TEXT NOT NULL,
  model          TEXT NOT NULL,
  operation      TEXT NOT NULL,                  -- video.generate, ...
  endpoint       TEXT NOT NULL,                  -- host and path, no query
  account        TEXT NOT NULL,                  -- salted hash of the key, or 'sandbox'
  request        TEXT NOT NULL,                  -- JSON: the typed request, media as sha256 references
  fingerprint    TEXT NOT NULL,                  -- sha256 of provider, operation and canonical request
  created_us     BIGINT NOT NULL,
  updated_us     BIGINT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('new', 'submitting', 'unknown', 'queued', 'running',
                   'succeeded', 'failed', 'cancelled', 'expired', 'rejected', 'abandoned', 'lost')),
  charge         TEXT NOT NULL CHECK (charge IN ('none', 'held', 'charged', 'not_charged', 'unknown')),
  result         TEXT NOT NULL CHECK (result IN ('none', 'available', 'partial', 'stored', 'expired')),
  sandbox        INTEGER NOT NULL DEFAULT 0 CHECK (sandbox IN (0, 1)),
  project        TEXT NOT NULL DEFAULT '',
  session_id     TEXT,                           -- kernels.id
  cell_id        TEXT,
  name           TEXT,                           -- notebook variable it was asked into
  prompt         TEXT,                           -- as sent
  template       TEXT,                           -- as typed, when fields were filled in
  tags           TEXT NOT NULL DEFAULT '{}',     -- JSON object
  raw_state      TEXT,                           -- the provider's own word
  task_id        TEXT,
  locator        TEXT,                           -- JSON: all that a status request needs
  trace_id       TEXT,
  attempts       INTEGER NOT NULL DEFAULT 0,
  http_status    INTEGER,
  error          TEXT,                           -- JSON: category, message, code, meaning, next_step, ...
  facts          TEXT NOT NULL DEFAULT '{}',     -- JSON: voice_id, seed, duration_ms, ...
  warnings       TEXT NOT NULL DEFAULT '[]',     -- JSON list of sentences
  submitted_us   BIGINT,
  running_us     BIGINT,
  finished_us    BIGINT,                         -- the provider's part is over
  stored_us      BIGINT,                         -- all outputs are on disk and hashed
  lease_owner    TEXT,                           -- the process that drives it
  lease_until_us BIGINT,                         -- past this, another process may adopt it
  currency       TEXT NOT NULL DEFAULT 'USD',
  unit           TEXT,                           -- image, clip, second, character, song, request, voice
  quantity       BIGINT,                         -- billed units
  price_id       TEXT,
  estimate_nano  BIGINT,
  cost_nano      BIGINT,                         -- sum of its cost_lines; 0 = known to be free
  cost_source    TEXT,                           -- reported, metered, estimated, sandbox, cached, unpriced
  cached_from    TEXT REFERENCES jobs (id),
  CHECK (cost_nano IS NULL OR cost_source IS NOT NULL)
);
CREATE INDEX ix_jobs_created ON jobs (created_us);
CREATE INDEX ix_jobs_project ON jobs (project, created_us);
CREATE INDEX ix_jobs_fingerprint ON jobs (fingerprint);
CREATE INDEX ix_jobs_task ON jobs (provider, task_id);
CREATE INDEX ix_jobs_open ON jobs (created_us)
  WHERE state IN ('new', 'submitting', 'unknown', 'queued', 'running') OR result = 'available';

CREATE TABLE job_events (                        -- append-only
  job_id TEXT NOT NULL REFERENCES jobs (id),
  seq    INTEGER NOT NULL,                       -- 1, 2, 3 ... within the job
  at_us  BIGINT NOT NULL,
  event  TEXT NOT NULL,
  state  TEXT NOT NULL,                          -- the job's state after the event
  actor  TEXT NOT NULL,                          -- host:pid that wrote it
  detail TEXT NOT NULL DEFAULT '{}',             -- JSON: what changed
  PRIMARY KEY (job_id, seq)
);

CREATE TABLE cost_lines (                        -- append-only money; a correction is a new line
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
);

CREATE TABLE budgets (
  id         TEXT PRIMARY KEY,
  scope      TEXT NOT NULL,                      -- JSON: {} is everything; project, kind, provider, session_id
  period     TEXT NOT NULL CHECK (period IN ('total', 'day', 'week', 'month')),
  currency   TEXT NOT NULL,
  sandbox    INTEGER NOT NULL CHECK (sandbox IN (0, 1)),  -- 1: counts sandbox jobs only; 0: real money only
  soft_nano  BIGINT CHECK (soft_nano >= 0),      -- warns once a period
  hard_nano  BIGINT CHECK (hard_nano >= 0),      -- refuses
  note       TEXT,
  created_us BIGINT NOT NULL,
  removed_us BIGINT,
  UNIQUE (scope, period, currency, sandbox),
  CHECK (soft_nano IS NOT NULL OR hard_nano IS NOT NULL)
);

CREATE TABLE budget_periods (                    -- the hot rows; admission keeps spent + reserved <= hard
  budget_id     TEXT NOT NULL REFERENCES budgets (id),
  starts_us     BIGINT NOT NULL,
  spent_nano    BIGINT NOT NULL DEFAULT 0,
  reserved_nano BIGINT NOT NULL DEFAULT 0 CHECK (reserved_nano >= 0),
  warned_us     BIGINT,                          -- when the soft limit was crossed
  PRIMARY KEY (budget_id, starts_us)
);

CREATE TABLE reservations (                      -- what one job holds of one budget, and what it spent of it
  job_id     TEXT NOT NULL REFERENCES jobs (id),
  budget_id  TEXT NOT NULL,
  starts_us  BIGINT NOT NULL,
  held_nano  BIGINT NOT NULL CHECK (held_nano >= 0),
  spent_nano BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (job_id, budget_id),
  FOREIGN KEY (budget_id, starts_us) REFERENCES budget_periods (budget_id, starts_us)
);
CREATE INDEX ix_reservations_period ON reservations (budget_id, starts_us);

CREATE TABLE media (                             -- one row a content; its bytes are in the media store
  sha256     TEXT PRIMARY KEY,
  size_bytes BIGINT NOT NULL,
  mime       TEXT NOT NULL,
  ext        TEXT NOT NULL,
  facts      TEXT NOT NULL DEFAULT '{}',         -- JSON: width, height, duration_s, frame_rate, codec, ...
  created_us BIGINT NOT NULL
);

CREATE TABLE job_media (
  job_id         TEXT NOT NULL REFERENCES jobs (id),
  role           TEXT NOT NULL,                  -- input, output, preview, subtitle
  position       INTEGER NOT NULL,               -- 0, 1, 2 ... within the role
  sha256         TEXT REFERENCES media (sha256), -- NULL until it is stored
  name           TEXT,                           -- the readable file name beside the notebook
  url            TEXT,                           -- where the provider serves it
  url_expires_us BIGINT,
  file_id        TEXT,                           -- its id at the provider
  PRIMARY KEY (job_id, role, position)
);
CREATE INDEX ix_job_media_sha256 ON job_media (sha256);

CREATE TABLE voices (                            -- voices this user designed or cloned
  account    TEXT NOT NULL,
  voice_id   TEXT NOT NULL,
  origin     TEXT NOT NULL CHECK (origin IN ('designed', 'cloned')),
  provider   TEXT NOT NULL,
  job_id     TEXT REFERENCES jobs (id),
  created_us BIGINT NOT NULL,
  expires_us BIGINT,                             -- when the provider drops an unused voice
  PRIMARY KEY (account, voice_id)
);

CREATE TABLE kernels (                           -- one row a kernel life
  id         TEXT PRIMARY KEY,
  host       TEXT NOT NULL,
  pid        INTEGER NOT NULL,
  started_us BIGINT NOT NULL,
  ended_us   BIGINT,                             -- NULL: running, or ended without a word
  notebook   TEXT,
  versions   TEXT NOT NULL DEFAULT '{}'          -- JSON: python, minimax_nb, ipykernel, ...
);

CREATE TABLE admissions (                        -- the sliding window of requests per minute, for all processes
  id        TEXT PRIMARY KEY,
  account   TEXT NOT NULL,
  rpm_class TEXT NOT NULL,
  due_us    BIGINT NOT NULL                      -- when this request may be sent
);
CREATE INDEX ix_admissions_due ON admissions (account, rpm_class, due_us);

CREATE TABLE pauses (                            -- one process was told to wait, so all wait
  account   TEXT NOT NULL,
  rpm_class TEXT NOT NULL,
  until_us  BIGINT NOT NULL,
  PRIMARY KEY (account, rpm_class)
);
