package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/store"
)

// newHandler makes a server of a store, in this process. Every answer is held to the contract.
func newHandler(t *testing.T, s store.Store) http.Handler {
	t.Helper()
	handler, err := server.New(server.Options{
		Store:          s,
		ProvisionDelay: server.ProvisionAtOnce,
		InvalidAnswer:  func(err error) { t.Errorf("%v", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// slot is where a server finds its store, which a test replaces as a new process would. It saves making a server each time.
type slot struct{ store.Store }

// brokenOff is the status of an answer that the server cut off.
const brokenOff = 0

// handle sends a request to a server in this process, and gives its answer once the server is through with it.
func handle(ctx context.Context, handler http.Handler, r request) (got reply) {
	sent := httptest.NewRequestWithContext(ctx, r.method, r.path, bytes.NewReader(r.body))
	sent.Header.Set("Authorization", "Bearer any")
	if r.body != nil {
		sent.Header.Set("Content-Type", "application/json")
	}
	if r.requestID != "" {
		sent.Header.Set("MS-RequestId", r.requestID)
	}
	recorder := httptest.NewRecorder()
	defer func() {
		switch r := recover(); r {
		case nil:
		case http.ErrAbortHandler:
			got = reply{status: brokenOff}
		default:
			panic(r)
		}
	}()
	handler.ServeHTTP(recorder, sent)
	return reply{recorder.Code, recorder.Header(), recorder.Body.Bytes()}
}

// failed tells whether a server could not serve: the client does not know what came of its request.
func (r reply) failed() bool {
	return r.status == brokenOff || r.status >= http.StatusInternalServerError
}

// decoded reads an answer. One that can't be read is the zero value, which no test takes for right.
func decoded[T any](t *testing.T, r reply) (v T) {
	t.Helper()
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Errorf("an answer %d can't be read: %v\n%s", r.status, err, r.body)
	}
	return v
}
