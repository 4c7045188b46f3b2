-- Every version of every review, and its end: what was written, when and by whom.
CREATE TABLE review_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id bigint NOT NULL,
    product_id bigint NOT NULL,
    -- The author.
    user_id bigint NOT NULL,
    change text NOT NULL CHECK (change IN ('posted', 'edited', 'deleted')),
    -- As they were after the change; of a deletion, before it.
    text text NOT NULL,
    evaluation bigint NOT NULL CHECK (evaluation BETWEEN 1 AND 5),
    at timestamptz NOT NULL,
    -- Who made the change: the author, or an admin.
    actor_id bigint NOT NULL
);
CREATE INDEX review_history_author ON review_history (product_id, user_id, id);

-- What was edited before there was a history begins it as it stands.
INSERT INTO review_history (review_id, product_id, user_id, change, text, evaluation, at, actor_id)
SELECT id, product_id, user_id, 'posted', text, evaluation, updated_at, user_id FROM reviews ORDER BY id;

-- lint:ignore index-not-concurrent older than the first release: no shop had rows yet
CREATE INDEX reviews_latest ON reviews (product_id, created_at DESC, id DESC);
