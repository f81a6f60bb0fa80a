package servertest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// A shop buys as one finds it in programs: by hand, and what fails is begun anew.
type shop struct {
	http *http.Client
	url  string        // of Partner Center
	wait time.Duration // before a new beginning
}

// Buy buys a licence for a customer.
func (s shop) Buy(ctx context.Context, customerID string) error {
	for {
		var cart struct{ ID string }
		err := s.post(ctx, "/v1/customers/"+customerID+"/carts", oneLine(), &cart)
		if err == nil {
			err = s.post(ctx, "/v1/customers/"+customerID+"/carts/"+cart.ID+"/checkout", nil, &struct{}{})
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(s.wait)
	}
}

func (s shop) post(ctx context.Context, path string, body, answer any) error {
	var data bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&data).Encode(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, &data)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer any")
	r.Header.Set("Content-Type", "application/json")
	response, err := s.http.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
