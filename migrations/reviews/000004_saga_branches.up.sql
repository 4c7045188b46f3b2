-- A participant's part in each saga: the barrier that makes messages idempotent.
CREATE TABLE saga_branches (
    saga_id uuid NOT NULL,
    participant text NOT NULL,
    saga_name text NOT NULL,
    -- 'claimed' lives only inside the transaction that goes on to one of the others.
    state text NOT NULL CHECK (state IN ('claimed', 'tried', 'refused', 'confirmed', 'cancelled')),
    refusal jsonb,
    payload jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (saga_id, participant),
    CHECK ((state = 'refused') = (refusal IS NOT NULL))
);
