CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    -- As it was given; accounts are told apart by users_email_key.
    email         text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
    password_hash text NOT NULL,
    role          text NOT NULL DEFAULT 'customer' CHECK (role IN ('customer', 'admin', 'service')),
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Addresses are ASCII; the "C" collation lowers them alike in every locale.
CREATE UNIQUE INDEX users_email_key ON users (lower(email COLLATE "C"));
