package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/cartwright-dev/cartwright/client"
)

// provisioned waits until the orders are completed, and lists their subscriptions.
func (b *purchase) provisioned(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, b.wait)
	defer cancel()
	var failed []error
	for _, id := range b.state.OrderIDs {
		_, err := b.client.Orders.WaitProvisioned(waiting, b.customerID, id, client.OnProgress(b.progress(id)))
		if err != nil && b.bar {
			b.tell("\n") // after the bar
		}
		failed = append(failed, err)
	}
	if err := b.subscriptions(ctx); err != nil {
		failed = append(failed, err)
	}
	if err := errors.Join(failed...); err != nil {
		return errors.Join(err, errNotProvisioned)
	}
	return nil
}

// progress tells how far an order is, with a line for each look; on a terminal a bar moves until the last one.
func (b *purchase) progress(id string) func(client.Progress) {
	line := func(p client.Progress) { b.tell("%s\n", progressText(p)) }
	if !b.bar {
		return line
	}
	bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(b.stderr), progressbar.OptionSetDescription("order "+printable(id)),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish())
	return func(p client.Progress) {
		if p.Next == 0 {
			_ = bar.Clear()
			line(p)
			return
		}
		bar.Describe(printable(fmt.Sprintf("order %s is %s", p.Order.ID, p.Order.Status)))
		bar.ChangeMax(max(1, len(p.Order.LineItems)))
		_ = bar.Set(p.Provisioned) // a bar that can't be drawn is no reason to stop
	}
}

func progressText(p client.Progress) string {
	text := fmt.Sprintf("order %s is %s, %d of %d lines have a subscription", p.Order.ID, p.Order.Status, p.Provisioned, len(p.Order.LineItems))
	if p.Next > 0 {
		text += ", next look in " + p.Next.Round(time.Second).String()
	}
	return printable(text)
}

// subscriptions lists what the orders have made.
func (b *purchase) subscriptions(ctx context.Context) error {
	var rows [][]string
	for _, id := range b.state.OrderIDs {
		for s, err := range b.client.Subscriptions.List(ctx, b.customerID, client.OfOrder(id)) {
			if err != nil {
				return err
			}
			rows = append(rows, []string{s.ID, s.FriendlyName, fmt.Sprint(s.Quantity), string(s.Status), s.CommitmentEndDate.Format(time.DateOnly), id})
		}
	}
	if len(rows) == 0 {
		b.say("No subscriptions; reservations and perpetual software never have one.")
		return nil
	}
	b.say("")
	table(b.stdout, []column{{"subscription", false}, {"name", false}, {"quantity", true}, {"status", false}, {"until", false}, {"order", false}}, rows)
	return nil
}
