-- +goose Up

-- What was answered to a request that has an id of its client's. In the transaction that answers it, the row is there with
-- an empty answer first: it is the lock that a repetition waits for.
CREATE TABLE requests (
    customer_id TEXT   NOT NULL,
    operation   TEXT   NOT NULL,
    resource    TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    answer      TEXT   NOT NULL,
    PRIMARY KEY (customer_id, operation, resource, id)
);

CREATE INDEX requests_oldest_first ON requests (created_at);

-- Documents of the server itself, such as its clock.
CREATE TABLE settings (
    id          TEXT   NOT NULL PRIMARY KEY,
    customer_id TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    body        TEXT   NOT NULL
);

-- +goose Down
DROP TABLE settings;
DROP TABLE requests;
