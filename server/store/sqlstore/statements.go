package sqlstore

import "github.com/cartwright-dev/cartwright/server/store"

// text is the SQL of each kind of document, the same for SQLite and PostgreSQL. The update of lock is what locks the row on
// both: it waits for any other transaction that has the row, and then sees what that one did.
var text = map[store.Kind]struct{ get, lock, put, insert string }{
	store.Cart:    documentText("carts"),
	store.Setting: documentText("settings"),
	store.Order: {
		get: `SELECT created_at, body, COALESCE(cart_id, ''), COALESCE(order_group, '')
			FROM orders WHERE customer_id = $1 AND id = $2`,
		lock: `UPDATE orders SET version = version + 1 WHERE customer_id = $1 AND id = $2
			RETURNING created_at, body, COALESCE(cart_id, ''), COALESCE(order_group, '')`,
		put: `UPDATE orders SET body = $3 WHERE customer_id = $1 AND id = $2`,
		insert: `INSERT INTO orders (id, customer_id, version, created_at, body, cart_id, order_group)
			VALUES ($1, $2, 1, $3, $4, $5, $6)`,
	},
}

// documentText is the SQL of documents that are of no cart.
func documentText(table string) struct{ get, lock, put, insert string } {
	return struct{ get, lock, put, insert string }{
		get: `SELECT created_at, body FROM ` + table + ` WHERE customer_id = $1 AND id = $2`,
		lock: `UPDATE ` + table + ` SET version = version + 1 WHERE customer_id = $1 AND id = $2
			RETURNING created_at, body`,
		put: `UPDATE ` + table + ` SET body = $3 WHERE customer_id = $1 AND id = $2`,
		insert: `INSERT INTO ` + table + ` (id, customer_id, version, created_at, body)
			VALUES ($1, $2, 1, $3, $4)`,
	}
}

const (
	// claimNewRequest fails where claimRequest would lock.
	claimNewRequest = `INSERT INTO requests (customer_id, operation, resource, id, created_at, answer) VALUES ($1, $2, $3, $4, $5, $6)`

	// claimRequest locks the row of a request as lock does, and makes it where there is none.
	claimRequest = `INSERT INTO requests (customer_id, operation, resource, id, created_at, answer)
		VALUES ($1, $2, $3, $4, 0, '') ON CONFLICT (customer_id, operation, resource, id)
		DO UPDATE SET answer = requests.answer RETURNING created_at, answer`

	// readRequest is for an engine whose only writer needs no lock.
	readRequest = `SELECT created_at, answer FROM requests
		WHERE customer_id = $1 AND operation = $2 AND resource = $3 AND id = $4`

	answerRequest = `INSERT INTO requests (customer_id, operation, resource, id, created_at, answer)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (customer_id, operation, resource, id)
		DO UPDATE SET created_at = excluded.created_at, answer = excluded.answer`

	// forgetRequests, as the lists below, hides from SQLite's planner what is a parameter: it would plan anew each time. It asks
	// for the age of a row twice: PostgreSQL looks again at a row for which it has waited, and only by the outer condition, and
	// the request may have been remembered anew.
	forgetRequests = `DELETE FROM requests WHERE created_at + 0 < $1 AND (customer_id, operation, resource, id) IN (
		SELECT customer_id, operation, resource, id FROM requests WHERE created_at < $1 + CAST(0 AS BIGINT) ORDER BY created_at LIMIT $2 + CAST(0 AS BIGINT))`

	lockName = `INSERT INTO locks (name, version) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET version = locks.version + 1`

	addSubscription = `INSERT INTO subscriptions (id, customer_id, order_id)
		VALUES ($1, $2, $3)`

	orderOf = `SELECT order_id FROM subscriptions WHERE customer_id = $1 AND id = $2`

	// Of all customers where $4 is empty.
	listAllCarts = `SELECT id, created_at, '', '', body, customer_id
		FROM carts WHERE (created_at, id) < ($1, $2) AND ($4 = '' OR customer_id = $4)
		ORDER BY created_at DESC, id DESC LIMIT $3 + CAST(0 AS BIGINT)`

	listAllOrders = `SELECT id, created_at, COALESCE(cart_id, ''), COALESCE(order_group, ''), body, customer_id
		FROM orders WHERE (created_at, id) < ($1, $2) AND ($4 = '' OR customer_id = $4)
		ORDER BY created_at DESC, id DESC LIMIT $3 + CAST(0 AS BIGINT)`

	listOrders = `SELECT id, created_at, COALESCE(cart_id, ''), COALESCE(order_group, ''), body
		FROM orders WHERE customer_id = $1 AND (created_at, id) < ($2, $3)
		ORDER BY created_at DESC, id DESC LIMIT $4 + CAST(0 AS BIGINT)`

	countCustomers = `SELECT COUNT(DISTINCT customer_id) FROM orders`
)

// clearing are the statements that remove everything of a customer, or of all where $1 is empty, what refers to others first.
var clearing = []string{
	`DELETE FROM subscriptions WHERE $1 = '' OR customer_id = $1`,
	`DELETE FROM orders WHERE $1 = '' OR customer_id = $1`,
	`DELETE FROM carts WHERE $1 = '' OR customer_id = $1`,
	`DELETE FROM requests WHERE $1 = '' OR customer_id = $1`,
}
