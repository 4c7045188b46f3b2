ALTER TABLE sagas RESET (fillfactor);
ALTER VIEW saga_participants RENAME TO saga_participants_in_rows;
CREATE TABLE saga_participants (
    saga_id uuid NOT NULL REFERENCES sagas ON DELETE CASCADE,
    participant text NOT NULL,
    vote text CHECK (vote IN ('accepted', 'refused')),
    vote_refusal jsonb,
    vote_message_id uuid,
    voted_at timestamptz,
    done_message_id uuid,
    done_at timestamptz,
    PRIMARY KEY (saga_id, participant)
);
INSERT INTO saga_participants (
    saga_id, participant, vote, vote_refusal, vote_message_id, voted_at, done_message_id, done_at)
SELECT saga_id, participant, vote, vote_refusal, vote_message_id, voted_at, done_message_id, done_at
FROM saga_participants_in_rows;
DROP VIEW saga_participants_in_rows;
DROP FUNCTION write_saga_participant();
ALTER TABLE sagas DROP COLUMN participants;
