-- Bodies are opaque JSON: each thing that is searched or must be unique is a column of its own.
-- Times are microseconds since 1970, UTC. A version is raised to lock its row and says nothing else.

-- +goose Up
CREATE TABLE carts (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    body        TEXT   NOT NULL
);

CREATE TABLE orders (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL,
    cart_id     TEXT   REFERENCES carts (id),
    order_group TEXT,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    UNIQUE (cart_id, order_group)
);

CREATE INDEX orders_newest_first ON orders (customer_id, created_at, id);

-- +goose Down
DROP TABLE orders;
DROP TABLE carts;
