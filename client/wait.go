package client

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// backoff is a delay that grows.
type backoff struct{ next, most time.Duration }

// delay gives the next one, at least as long as the service asks for, give or take a fifth so that many clients do not ask
// at the same instant.
func (b *backoff) delay(atLeast time.Duration) time.Duration {
	d := time.Duration(float64(b.next) * (0.8 + 0.4*rand.Float64())) //nolint:gosec // no secret
	b.next = min(b.next*3/2, b.most)
	return max(d, atLeast)
}

// oneLook is for a request that only tells more of what has happened already: it is sent once, and may take ten seconds.
func oneLook(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: -1}), 10*time.Second)
}

// pause waits, or tells why ctx has ended before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
