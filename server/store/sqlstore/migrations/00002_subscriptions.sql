-- +goose Up

-- Locks that are not of a document, by name.
CREATE TABLE locks (
    name    TEXT   NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);

-- Which order has a subscription: the two are one document.
CREATE TABLE subscriptions (
    id          TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL,
    order_id    TEXT NOT NULL REFERENCES orders (id)
);

-- +goose Down
DROP TABLE subscriptions;
DROP TABLE locks;
