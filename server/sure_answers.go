package server

import (
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/server/plan"
)

// sureAnswers finds the answers of one operation that are surely as the contract has them, by their status; 0 stands for all
// other statuses.
type sureAnswers map[int]*sureAnswer

type sureAnswer struct {
	headers map[string]*plan.Plan // by the name in the contract, and as Go spells it
	body    *plan.Plan
}

// newSureAnswers makes the plans of all answers of an operation; none for an answer that is not understood.
func newSureAnswers(op operation) sureAnswers {
	answers := sureAnswers{}
	for status, ref := range op.Responses.Map() {
		code, _ := strconv.Atoi(status) // "default" is 0
		answers[code] = newSureAnswer(ref.Value)
		if code == 0 && status != "default" || op.document.IsOpenAPI31OrLater() {
			return nil
		}
	}
	return answers
}

func newSureAnswer(response *openapi3.Response) *sureAnswer {
	rules := plan.Rules{Formats: formats(), Answers: true}
	a := &sureAnswer{headers: map[string]*plan.Plan{}}
	for name, ref := range response.Headers {
		if ref.Value.Required || !isPlain(ref.Value.Parameter) {
			return nil
		}
		p := plan.Compile(ref.Value.Schema.Value, nil, rules)
		a.headers[name], a.headers[http.CanonicalHeaderKey(name)] = p, p
	}
	content := response.Content[mediaJSON]
	if content == nil || content.Schema == nil {
		return nil
	}
	a.body = plan.Compile(content.Schema.Value, nil, rules)
	return a
}

// pass reports whether an answer is surely valid.
func (s sureAnswers) pass(status int, answer *copyingWriter) bool {
	a, ok := s[status]
	if !ok {
		a = s[0]
	}
	if a == nil {
		return false
	}
	header := answer.Header()
	for name, values := range header {
		if p, ok := a.headers[name]; ok && (len(values) != 1 || !p.Parameter(values[0])) {
			return false
		}
	}
	return isJSON(header["Content-Type"]) && a.body.Check(answer.body)
}

// isJSON reports whether a Content-Type is that of the handlers' answers.
func isJSON(contentType []string) bool {
	return len(contentType) == 1 && (contentType[0] == mediaJSON || contentType[0] == contentTypeJSON)
}
