package server

import (
	"math"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"
)

// throttle refuses more requests of a customer in a minute of the stub's clock than the limit, as the gateway in front of
// Partner Center does.
type throttle struct {
	perMinute int
	clock     *clock
	mu        sync.Mutex
	customers map[string]*rate.Limiter
}

// maxThrottled is of how many customers the requests are counted. Beyond it the count begins anew.
const maxThrottled = 10_000

// step is a step of a request's way, after it is routed.
func (t *throttle) step(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		delay := t.delay(strings.ToLower(c.Param("customer_id")))
		if delay <= 0 {
			return next(c)
		}
		exchangeOf(c.Request().Context()).note("throttled")
		return throttled(c, int(math.Ceil(delay.Seconds())))
	}
}

// delay tells how long a request of a customer has to wait, which counts if it has not to. Requests for no customer are counted
// together.
func (t *throttle) delay(customerID string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.now()
	wait := t.limiter(customerID).ReserveN(now, 1)
	delay := wait.DelayFrom(now)
	if delay > 0 {
		wait.CancelAt(now)
	}
	return delay
}

// reset forgets all requests.
func (t *throttle) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.customers = nil
}

// limiter gives that of a customer. It is called under the lock.
func (t *throttle) limiter(customerID string) *rate.Limiter {
	l := t.customers[customerID]
	if l == nil {
		if t.customers == nil || len(t.customers) == maxThrottled {
			t.customers = make(map[string]*rate.Limiter)
		}
		l = rate.NewLimiter(rate.Every(time.Minute/time.Duration(t.perMinute)), t.perMinute)
		t.customers[customerID] = l
	}
	return l
}
