-- +goose Up
CREATE INDEX carts_newest ON carts (created_at, id);
CREATE INDEX orders_newest ON orders (created_at, id);

-- +goose Down
DROP INDEX orders_newest;
DROP INDEX carts_newest;
