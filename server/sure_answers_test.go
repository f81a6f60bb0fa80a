package server

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"github.com/labstack/echo/v4"
)

// Answers of all operations, nearly valid, valid and not: what is surely valid openapi3filter takes, too.
func TestSureAnswers(t *testing.T) {
	t.Parallel()
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	ops := operationsOf(contract)
	slices.SortFunc(ops, func(a, b operation) int { return cmp.Compare(a.OperationID, b.OperationID) })
	m := &mutator{rand: rand.New(rand.NewPCG(uint64(mutations()), 1)), answers: true}
	count, valid, passed := mutations()/10, 0, 0
	sure := map[string]sureAnswers{}
	for _, op := range ops {
		sure[op.OperationID] = newSureAnswers(op)
	}
	for range count {
		op := ops[m.rand.IntN(len(ops))]
		status, answer := m.answer(op)
		c := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), op.method, "/", nil), httptest.NewRecorder())
		c.Response().Status = status
		wrong := checkAnswer(c, op.route(), answer)
		if wrong == nil {
			valid++
		}
		if sure[op.OperationID].pass(status, answer) {
			passed++
			if wrong != nil {
				t.Fatalf("%s %d passes:\n%v\n%s\n%v", op.OperationID, status, answer.Header(), answer.body, wrong)
			}
		}
	}
	t.Logf("of %d answers %d were valid, and %d of these surely", count, valid, passed)
	if valid < count/10 || passed < valid*6/10 {
		t.Errorf("of %d answers only %d were valid, and %d of these surely", count, valid, passed)
	}
}

// answer draws an answer of an operation.
func (m *mutator) answer(op operation) (int, *copyingWriter) {
	codes := slices.Sorted(maps.Keys(op.Responses.Map()))
	code := pick(m, codes...)
	response := op.Responses.Value(code).Value
	status, err := strconv.Atoi(code)
	if err != nil {
		status = http.StatusTeapot
	}
	w := &copyingWriter{ResponseWriter: httptest.NewRecorder()}
	w.Header()["Content-Type"] = []string{pick(m, "application/json", "application/json; charset=utf-8")}
	for name, header := range response.Headers {
		if m.rand.IntN(3) == 0 {
			w.Header()[name] = []string{pick(m, m.text(header.Value.Schema.Value), fmt.Sprint(header.Value.Example))}
		}
	}
	body := m.value(response.Content[mediaJSON].Schema.Value, 0)
	for m.rand.IntN(3) == 0 {
		body = m.edit(body)
	}
	w.body = []byte(body)
	return status, w
}
