-- The coordinator's memory of its sagas.
CREATE TABLE sagas (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    subject_id bigint NOT NULL,
    phase text NOT NULL CHECK (phase IN ('trying', 'confirming', 'cancelling', 'confirmed', 'cancelled')),
    payload jsonb NOT NULL,
    refusal jsonb,
    traceparent text,
    resends integer NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    deadline_at timestamptz NOT NULL,
    next_attempt_at timestamptz,
    stuck_since timestamptz,
    decided_at timestamptz,
    finished_at timestamptz,
    CHECK ((phase = 'trying') = (decided_at IS NULL)),
    CHECK ((phase IN ('confirmed', 'cancelled')) = (finished_at IS NOT NULL)),
    CHECK ((finished_at IS NULL) = (next_attempt_at IS NOT NULL))
);
CREATE INDEX sagas_due ON sagas (next_attempt_at) WHERE finished_at IS NULL;
CREATE INDEX sagas_subject ON sagas (name, subject_id);
CREATE INDEX sagas_started ON sagas (started_at);

-- Whose vote each saga needs, and what came of it.
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

-- Whatever is out of the ordinary: resends, deadlines, an operator's hand.
CREATE TABLE saga_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    saga_id uuid NOT NULL REFERENCES sagas ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event text NOT NULL,
    detail text NOT NULL
);
CREATE INDEX saga_log_saga ON saga_log (saga_id, id);
