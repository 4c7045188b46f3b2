-- Votes and reports are in the saga's own row: what a participant says is one write, and no row of its own.
ALTER TABLE sagas ADD COLUMN participants jsonb NOT NULL DEFAULT '{}';
UPDATE sagas SET participants = p.participants
FROM (
    SELECT saga_id, jsonb_object_agg(participant, jsonb_strip_nulls(jsonb_build_object(
        'vote', vote, 'refusal', vote_refusal, 'voted_at', voted_at, 'vote_message', vote_message_id,
        'done_at', done_at, 'done_message', done_message_id))) AS participants
    FROM saga_participants GROUP BY saga_id
) AS p
WHERE id = p.saga_id;
-- lint:ignore drop-in-use a view takes its place, and the version before writes through that
DROP TABLE saga_participants;

-- For whoever reads: a row a participant, as before.
CREATE VIEW saga_participants AS
SELECT s.id AS saga_id, p.key AS participant, p.value ->> 'vote' AS vote, p.value -> 'refusal' AS vote_refusal,
    (p.value ->> 'vote_message')::uuid AS vote_message_id, (p.value ->> 'voted_at')::timestamptz AS voted_at,
    (p.value ->> 'done_message')::uuid AS done_message_id, (p.value ->> 'done_at')::timestamptz AS done_at
FROM sagas s, jsonb_each(s.participants) AS p;

-- Processes of the version before go on while they are replaced: what they write to the table goes into the rows.
CREATE FUNCTION write_saga_participant() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE sagas SET participants = participants || jsonb_build_object(NEW.participant, jsonb_strip_nulls(
        jsonb_build_object(
            'vote', NEW.vote, 'refusal', NEW.vote_refusal, 'voted_at', NEW.voted_at,
            'vote_message', NEW.vote_message_id, 'done_at', NEW.done_at, 'done_message', NEW.done_message_id)))
    WHERE id = NEW.saga_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER write_saga_participant INSTEAD OF INSERT OR UPDATE ON saga_participants
FOR EACH ROW EXECUTE FUNCTION write_saga_participant();

-- A row is written some five times and keeps its place: only its end touches an index.
ALTER TABLE sagas SET (fillfactor = 60);
