CREATE TABLE reviews (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL,
    user_id bigint NOT NULL,
    text text NOT NULL CHECK (length(text) <= 4000),
    evaluation bigint NOT NULL CHECK (evaluation BETWEEN 1 AND 5),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (product_id, user_id)
);

-- The exact aggregate of a product's reviews, kept in the transactions that change them.
CREATE TABLE ratings (
    product_id bigint PRIMARY KEY,
    count bigint NOT NULL CHECK (count >= 0),
    sum bigint NOT NULL CHECK (sum BETWEEN count AND 5 * count)
);
