-- What no program may do to the record, in SQLite's words.

CREATE TRIGGER jobs_terminal_is_final BEFORE UPDATE OF state ON jobs
WHEN OLD.state <> NEW.state
 AND OLD.state IN ('succeeded', 'failed', 'cancelled', 'expired', 'rejected', 'abandoned', 'lost')
BEGIN
  SELECT RAISE(ABORT, 'the state of a finished job is final');
END;

CREATE TRIGGER jobs_are_kept BEFORE DELETE ON jobs
BEGIN
  SELECT RAISE(ABORT, 'jobs are never deleted');
END;

CREATE TRIGGER job_events_are_final BEFORE UPDATE ON job_events
BEGIN
  SELECT RAISE(ABORT, 'job_events is append-only');
END;

CREATE TRIGGER job_events_are_kept BEFORE DELETE ON job_events
BEGIN
  SELECT RAISE(ABORT, 'job_events is append-only');
END;

CREATE TRIGGER cost_lines_are_final BEFORE UPDATE ON cost_lines
BEGIN
  SELECT RAISE(ABORT, 'cost_lines is append-only');
END;

CREATE TRIGGER cost_lines_are_kept BEFORE DELETE ON cost_lines
BEGIN
  SELECT RAISE(ABORT, 'cost_lines is append-only');
END;
