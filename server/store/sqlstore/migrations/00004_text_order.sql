-- For PostgreSQL, whose order of text is otherwise that of the database's language: the list of orders must not depend on it.
-- SQLite compares bytes by itself, and does without this migration.

-- +goose Up
ALTER TABLE orders ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE subscriptions ALTER COLUMN order_id TYPE TEXT COLLATE "C";

-- +goose Down
ALTER TABLE subscriptions ALTER COLUMN order_id TYPE TEXT COLLATE "default";
ALTER TABLE orders ALTER COLUMN id TYPE TEXT COLLATE "default";
