-- A made voice is kept for good once it has spoken; its fee falls due with that first use.
ALTER TABLE voices ADD COLUMN used_us BIGINT;    -- when it first spoke; NULL: not yet
ALTER TABLE voices ADD COLUMN used_job TEXT;     -- the job it first spoke in
ALTER TABLE voices ADD COLUMN last_us BIGINT;    -- when it last spoke
ALTER TABLE voices ADD COLUMN deleted_us BIGINT; -- when the user deleted it
