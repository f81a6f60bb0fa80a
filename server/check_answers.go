package server

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/faults"
)

// checkAnswers holds every answer of an operation to the contract, and reports one that is not as the contract has it. An
// error outside any operation, such as 404 or 429, must have the error body. It comes before observe, so that it sees what
// becomes of errors and panics.
func checkAnswers(contract *openapi3.T, report func(error)) echo.MiddlewareFunc {
	routes, sure := make(map[string]*routers.Route), make(map[string]sureAnswers)
	for _, op := range operationsOf(contract) {
		routes[op.OperationID], sure[op.OperationID] = op.route(), newSureAnswers(op)
	}
	errorBody, gatewayBody := contract.Components.Schemas[errorRoot].Value, contract.Components.Schemas[gatewayRoot].Value
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			copied := &copyingWriter{ResponseWriter: c.Response().Writer, context: c}
			c.Response().Writer = copied
			err := next(c) // it answers errors, and panics where an answer broke off

			if f := exchangeOf(c.Request().Context()).fault; f != nil && (f.Kind == faults.HTML502 || f.Kind == faults.BOM) {
				return err // they are there to be wrong
			}
			var wrong error
			operation := exchangeOf(c.Request().Context()).operation
			if sure[operation].pass(c.Response().Status, copied) {
				return err
			} else if route, ok := routes[operation]; ok {
				wrong = checkAnswer(c, route, copied)
			} else if c.Response().Status == http.StatusTooManyRequests {
				wrong = checkBody(copied, gatewayBody)
			} else if c.Response().Status >= http.StatusBadRequest && !isHealth(c.Path()) {
				wrong = checkBody(copied, errorBody)
			}
			if wrong != nil {
				report(fmt.Errorf("the answer %d of %s %s is not as the contract has it: %w\n%s",
					c.Response().Status, c.Request().Method, c.Request().URL, wrong, copied.body))
			}
			return err
		}
	}
}

func checkAnswer(c echo.Context, route *routers.Route, answer *copyingWriter) error {
	header := make(http.Header) // by the names that Go looks for
	for name, values := range answer.Header() {
		header[http.CanonicalHeaderKey(name)] = values
	}
	options := validationOptions()
	options.IncludeResponseStatus = true
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: c.Request(), Route: route},
		Status:                 c.Response().Status,
		Header:                 header,
		Options:                options,
	}
	return openapi3filter.ValidateResponse(c.Request().Context(), input.SetBodyBytes(answer.body))
}

// checkBody holds an answer outside any operation to the schema of errors.
func checkBody(answer *copyingWriter, schema *openapi3.Schema) error {
	var body any
	if err := json.Unmarshal(answer.body, &body); err != nil {
		return err
	}
	return schema.VisitJSON(body, openapi3.VisitAsResponse())
}

// copyingWriter keeps a copy of what it writes.
type copyingWriter struct {
	http.ResponseWriter
	context echo.Context
	body    []byte
}

func (w *copyingWriter) Write(p []byte) (int, error) {
	w.body = keep(w.body, p, exchangeOf(w.context.Request().Context()).lasting)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *copyingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
