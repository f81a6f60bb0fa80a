package sqlstore

import "github.com/cartwright-dev/cartwright/server/store"

// statements is the SQL text of each kind of document, the same for SQLite and PostgreSQL. The update of lock is what
// locks the row on both: it is the first statement of a transaction, and waits for any other that has the row.
var statements = map[store.Kind]struct{ get, lock, update, insert string }{
	store.Cart: {
		get: `SELECT id, created_at, '', '', body FROM carts WHERE customer_id = $1 AND id = $2`,
		lock: `UPDATE carts SET version = version + 1 WHERE customer_id = $1 AND id = $2
			RETURNING id, created_at, '', '', body`,
		update: `UPDATE carts SET body = $3 WHERE customer_id = $1 AND id = $2`,
		insert: `INSERT INTO carts (id, customer_id, version, created_at, body)
			VALUES ($1, $2, 1, $3, $4) ON CONFLICT (id) DO NOTHING`,
	},
	store.Order: {
		get: `SELECT id, created_at, COALESCE(cart_id, ''), COALESCE(order_group, ''), body
			FROM orders WHERE customer_id = $1 AND id = $2`,
		lock: `UPDATE orders SET version = version + 1 WHERE customer_id = $1 AND id = $2
			RETURNING id, created_at, COALESCE(cart_id, ''), COALESCE(order_group, ''), body`,
		update: `UPDATE orders SET body = $3 WHERE customer_id = $1 AND id = $2`,
		insert: `INSERT INTO orders (id, customer_id, version, created_at, body, cart_id, order_group)
			VALUES ($1, $2, 1, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
	},
}

const listOrders = `SELECT id, created_at, COALESCE(cart_id, ''), COALESCE(order_group, ''), body
	FROM orders WHERE customer_id = $1 AND (created_at, id) < ($2, $3)
	ORDER BY created_at DESC, id DESC LIMIT $4`
