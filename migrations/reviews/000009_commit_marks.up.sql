-- A row of every transaction that has written, by which a COMMIT whose answer was lost is settled. Whoever asks inserts
-- the same id as a fence: if the transaction's own row is there it has committed, and behind a fence it never can.
CREATE TABLE commit_marks (
    id uuid PRIMARY KEY,
    is_fence boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    probed_at timestamptz
);
-- Rows come in order of their age, so that blocks are told apart by it.
CREATE INDEX commit_marks_age ON commit_marks USING brin (created_at);
