-- Webhooks: which paid request carried which address, and what came in there.

CREATE TABLE webhook_tokens (                    -- one row a paid request that carried a webhook address
  token_sha256 TEXT PRIMARY KEY,                 -- the token itself is kept nowhere
  job_id       TEXT NOT NULL REFERENCES jobs (id),
  attempt      INTEGER NOT NULL,
  provider     TEXT NOT NULL,
  created_us   BIGINT NOT NULL,
  UNIQUE (job_id, attempt)
);

CREATE TABLE webhook_deliveries (                -- hints: anybody who knows the address can have written them
  seq          BIGINT PRIMARY KEY,               -- 1, 2, 3 ... in the order of their commits
  token_sha256 TEXT NOT NULL REFERENCES webhook_tokens (token_sha256),
  received_us  BIGINT NOT NULL,
  body_sha256  TEXT NOT NULL,
  body         TEXT NOT NULL,                    -- JSON object
  repeats      INTEGER NOT NULL DEFAULT 0,       -- how often the same body came again
  UNIQUE (token_sha256, body_sha256)
);
