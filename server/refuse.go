package server

import (
	"bytes"
	"encoding/json"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/plan"
)

// refuse has openapi3filter judge what is doubtful of a request: its parameters, where they are not surely good, and the parts
// of its body. It gives the error for what it finds, or nil.
func (s *sure) refuse(c echo.Context, sent []byte, good bool, doubts []plan.Doubt) error {
	var faults []fault
	if !good {
		input := validationInput(c, s.route, s.options)
		if err := openapi3filter.ValidateRequest(c.Request().Context(), input); err != nil {
			faults = faultsOf(err, input)
		}
	}
	var inBody []fault
	ordered := true // from part to part it is
	places := placesOf(sent, doubts)
	for i, d := range doubts {
		errs := s.judgePart(sent[d.Begin:d.End], d.Schema)
		for _, err := range errs {
			inBody = append(inBody, bodyFault(err, places[i]))
		}
		ordered = ordered && len(errs) < 2
	}
	if !ordered {
		inBody = inOrder(inBody, bytes.NewReader(sent))
	}
	if faults = append(faults, inBody...); len(faults) == 0 {
		return nil
	}
	return invalid(faults...)
}

// judgePart holds a part of a body to its schema, as openapi3filter does with a whole body.
func (s *sure) judgePart(part []byte, schema *openapi3.Schema) []error {
	dec := json.NewDecoder(bytes.NewReader(part))
	dec.UseNumber()
	var value any
	err := dec.Decode(&value)
	if err == nil {
		err = schema.VisitJSON(value, s.ofParts...)
	}
	if err == nil {
		return nil
	}
	return flatten(err)
}

// placesOf tells where in a body its doubtful parts are, as JSON pointers.
func placesOf(body []byte, doubts []plan.Doubt) []string {
	var places []string
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
	for _, d := range doubts {
		for dec.InputOffset() <= int64(d.Begin) {
			if _, err := dec.ReadToken(); err != nil {
				break
			}
		}
		places = append(places, string(dec.StackPointer()))
	}
	return places
}
