-- Files that a provider keeps for a while: uploaded once per content and account, and named again until then.

CREATE TABLE uploads (
  account    TEXT NOT NULL,
  purpose    TEXT NOT NULL,                      -- the provider's word for the use: voice_clone, prompt_audio
  sha256     TEXT NOT NULL,
  file_id    TEXT NOT NULL,                      -- its id at the provider
  created_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,                    -- not named any more after this
  PRIMARY KEY (account, purpose, sha256)
);
