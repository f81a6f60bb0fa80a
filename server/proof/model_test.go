package proof_test

import (
	"math"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// What a linearizable server may answer: the carts and orders of a customer as one sequence of actions would leave them.

// verb is what an action does.
type verb string

// The verbs.
const (
	create   verb = "create"
	put      verb = "put"
	read     verb = "get"
	checkout verb = "checkout"
	list     verb = "list"
)

// maxCarts is how many carts a customer has at most: a list is held against all of them.
const maxCarts = 4

// action is what a client asked for.
type action struct {
	verb
	customer string
	cart     int     // which of the customer's; of no meaning to list
	content  content // that the cart is created with, or that is put
	request  int     // which of the customer's that are sent twice with one request id, from 1; 0 for others
}

// content is what lines a cart has: their names, sorted, one for each order group.
type content string

// placed is which order was placed for which line: "name=id", sorted as content is. Empty stands for no orders.
type placed string

func (p placed) content() content {
	pairs := strings.Split(string(p), separator)
	for i, pair := range pairs {
		pairs[i], _, _ = strings.Cut(pair, "=")
	}
	return content(strings.Join(pairs, separator))
}

const separator = "; "

// outcome is what a client saw. Of an action with an unknown outcome nobody saw anything.
type outcome struct {
	unknown bool
	refused bool    // since the cart is ordered
	content content // of the cart that was read
	ordered bool    // the cart that was read
	orders  [maxCarts]placed
	strange string // an order that is of no cart that anybody made
	answer  string // itself, of a request that is sent twice
	again   bool   // the answer says that it was given before
}

// cartState is a cart. It is ordered, and its orders are not known, when nobody has seen them yet.
type cartState struct {
	content content // empty while the cart is not there
	ordered bool
	orders  placed
}

// maxTwice is how many requests of a customer are sent twice at most.
const maxTwice = clientsOfHistory * actionsOfClient

// answered is what came of a request that is sent twice. It is done, and the answer is not known, when nobody has seen it yet.
type answered struct {
	done, refused bool
	answer        string
}

// world is what a customer has, and what was answered to whoever may ask again.
type world struct {
	carts    [maxCarts]cartState
	requests [maxTwice + 1]answered
}

// rightAnswers is what of a history is right. Actions are told apart by customer.
//
// What came of an action that got no answer nobody knows: it takes effect at any later time, or never. So it ends after all
// others, where nobody sees its effect; and the orders that it places are those that are seen first.
var rightAnswers = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := make(map[string][]porcupine.Operation)
		for _, o := range history {
			by[o.Input.(action).customer] = append(by[o.Input.(action).customer], o)
		}
		var parts [][]porcupine.Operation
		for _, part := range by {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return world{} },
	Step: func(state, input, output any) (bool, any) {
		w := state.(world)
		ok := w.step(input.(action), output.(outcome))
		return ok, w
	},
}

// never is when an action ends that got no answer.
const never = math.MaxInt64

// step takes an action. It tells whether its outcome is possible. A request that is sent again is answered as at first, which its
// answer says, and changes nothing.
func (w *world) step(a action, o outcome) bool {
	if a.request == 0 {
		return w.change(a, o)
	}
	r := &w.requests[a.request]
	if !r.done {
		*r = answered{true, a.verb == put && w.carts[a.cart].ordered, o.answer}
		return !o.again && w.change(a, o)
	}
	if o.unknown {
		return true
	}
	if r.answer == "" {
		r.answer = o.answer
	}
	return o.again && o.refused == r.refused && o.answer == r.answer
}

// change takes an action that was not taken before.
func (w *world) change(a action, o outcome) bool {
	c := &w.carts[a.cart]
	switch a.verb {
	case create:
		possible := c.content == ""
		c.content = a.content
		return possible
	case put:
		if o.refused || o.unknown && c.ordered {
			return c.ordered
		}
		c.content = a.content
		return !c.ordered
	case read:
		return o.content == c.content && o.ordered == c.ordered
	case checkout:
		c.ordered = true
		return o.unknown || c.sees(o.orders[a.cart])
	case list:
		for i := range w.carts {
			if !w.carts[i].sees(o.orders[i]) {
				return false
			}
		}
		return o.strange == ""
	}
	return false
}

// sees tells whether the cart can have these orders. The first that are seen are those that it has.
func (c *cartState) sees(orders placed) bool {
	switch {
	case !c.ordered:
		return orders == ""
	case c.orders == "":
		c.orders = orders
		return orders.content() == c.content
	}
	return orders == c.orders
}

// joined puts names, or names with ids, into their order.
func joined[T ~string](words []string) T {
	slices.Sort(words)
	return T(strings.Join(words, separator))
}
