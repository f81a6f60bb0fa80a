package console_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cartwright-dev/cartwright/api"
	"github.com/cartwright-dev/cartwright/gen/control"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/console"
	"github.com/cartwright-dev/cartwright/server/internal/lacking"
)

// The files of htmx are those of its package, unchanged: htmx.sh says of which version.
func TestAssets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"htmx.min.js":   "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
		"hx-sse.min.js": "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
		"htmx.LICENSE":  "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38",
	} {
		data, err := os.ReadFile(filepath.Join("assets", name))
		if err != nil {
			t.Error(err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has the checksum %x", name, sum)
		}
	}
}

// buttons are all that the page can do, with forms that test control takes.
var buttons = map[string]url.Values{
	"/clock/advance": {"by": {"7d"}}, "/clock/freeze": nil, "/clock/resume": nil, "/provision": nil, "/reset": nil,
	"/faults": {"kind": {"bom"}}, "/faults/1/disarm": nil, "/faults/disarm": nil, "/requests/clear": nil,
}

// The page of another site can press no button, whatever the browser says of it; nor can a page that was led here by a
// foreign name.
func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	s.send(http.MethodPost, server.ControlPath+"/faults", `{"kind":"latency","always":true,"operation":"getOffer"}`)
	s.send(http.MethodGet, customer+"/orders", "")
	before := ask[control.State](s, "/state")
	for name, headers := range map[string][]string{
		"another origin":  {"Origin", "http://example.com"},
		"no origin":       {"Origin", "null"},
		"another site":    {"Sec-Fetch-Site", "cross-site"},
		"another port":    {"Sec-Fetch-Site", "same-site"},
		"a foreign frame": {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"},
	} {
		for path, form := range buttons {
			for _, script := range []string{"true", ""} {
				if status, body := s.press(path, form, append(headers, "HX-Request", script)...); status != http.StatusForbidden {
					t.Errorf("%s: %s answers %d\n%s", name, path, status, body)
				}
			}
		}
	}
	if status, _ := s.rebound(http.MethodPost, console.Path+"/reset", "http://stub.example.com"); status != http.StatusForbidden {
		t.Errorf("by a foreign name the reset answers %d", status)
	}
	if status, body := s.rebound(http.MethodGet, console.Path, ""); status != http.StatusForbidden || strings.Contains(body, "listOrders") {
		t.Errorf("by a foreign name the page answers %d\n%s", status, body)
	}
	after := ask[control.State](s, "/state")
	if len(s.faults()) != 1 || len(s.requests()) != 1 || after.Frozen || after.Now.Sub(*before.Now).Hours() > 1 || len(after.Documents) != len(before.Documents) {
		t.Errorf("something was done: %v, %v, %+v", s.faults(), s.requests(), after)
	}
}

// rebound sends what a browser sends that takes this machine for another.
func (s *stub) rebound(method, path, origin string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Host = "stub.example.com"
	for name, value := range map[string]string{
		"Origin": origin, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// A link on another site opens the page, which no other site may frame; it can't get at parts of it.
func TestLinkFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	status, page := s.send(http.MethodGet, console.Path, "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
	if status != http.StatusOK || !strings.Contains(page, "Carts and orders") {
		t.Errorf("the page answers %d\n%s", status, page)
	}
	for _, path := range []string{"", "/journal", "/clock", "/faults", "/state"} {
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Origin", "http://example.com"},
			{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"},
		} {
			if status, body := s.send(http.MethodGet, console.Path+path, "", headers...); status != http.StatusForbidden {
				t.Errorf("%s%s answers %d\n%s", console.Path, path, status, body)
			}
		}
	}
}

// Without script the buttons are forms, which lead back to the page; what can't be done is said.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	before := ask[control.Clock](s, "/clock")
	if status, body := s.press("/clock/advance", url.Values{"by": {"7d"}}, "Origin", s.url, "Sec-Fetch-Site", "same-origin"); status != http.StatusSeeOther {
		t.Errorf("the button answers %d\n%s", status, body)
	}
	if by := ask[control.Clock](s, "/clock").Now.Sub(before.Now).Hours(); by < 7*24 {
		t.Errorf("the clock was moved by %v hours", by)
	}
	for wrong, form := range map[string]url.Values{
		`rate &#34;half&#34;`: {"kind": {"bom"}, "rate": {"half"}},
		`count &#34;two&#34;`: {"kind": {"bom"}, "count": {"two"}},
		`/latency`:            {"kind": {"latency"}, "latency": {"soon"}},
	} {
		if status, body := s.press("/faults", form); status != http.StatusBadRequest || !strings.Contains(body, wrong) {
			t.Errorf("the form %v answers %d\n%s", form, status, body)
		}
	}
	if armed := s.faults(); len(armed) > 0 {
		t.Errorf("armed are %+v", armed)
	}
	if status, body := s.send(http.MethodGet, console.Path+"/requests/99", ""); status != http.StatusNotFound || !strings.Contains(body, "no request of this number") {
		t.Errorf("a request that is not there answers %d\n%s", status, body)
	}
}

// fields are the fields of the form with a value for each kind that has it.
var fields = map[string]map[control.FaultKind]string{
	"status":     {"status": "503"},
	"retryAfter": {"throttle": "0", "busy": "2", "in-progress": "2", "status": "2"},
	"latency":    {"latency": "20ms"},
	"orderGroup": {"partial": "1", "availability-gone": "1", "provisioning-stuck": "1", "provisioning-failed": "1"},
	"code":       {"partial": "900192", "line-item-error": "10010", "auth": "900421"},
}

// The form offers every kind of the contract, and with each the fields that test control takes for it, and only these.
func TestKinds(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	contract, err := openapi3.NewLoader().LoadFromData(api.Control)
	if err != nil {
		t.Fatal(err)
	}
	_, page := s.send(http.MethodGet, console.Path, "")
	offered := make(map[string]string)
	for _, found := range regexp.MustCompile(`<data class="kind" value="([^"]+)" data-also="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		offered[found[1]] = found[2]
	}
	enum := contract.Components.Schemas["FaultKind"].Value.Enum
	if len(offered) != len(enum) {
		t.Errorf("the form offers %d kinds, the contract has %d", len(offered), len(enum))
	}
	for _, word := range enum {
		kind := word.(string)
		also, there := offered[kind]
		if !there {
			t.Errorf("the form does not offer %s", kind)
		}
		for field, values := range fields {
			form := url.Values{"kind": {kind}, field: {"1"}}
			if value := values[control.FaultKind(kind)]; value != "" {
				form.Set(field, value)
			} else if field == "latency" {
				form.Set(field, "1s")
			}
			status, _ := s.press("/faults", form)
			if has := slices.Contains(strings.Fields(also), field); has != (status == http.StatusSeeOther) {
				t.Errorf("%s: the form offers %s: %t; arming it answers %d", kind, field, has, status)
			}
		}
	}
}

// All fields of the form arrive.
func TestArm_AllFields(t *testing.T) {
	t.Parallel()
	s := newStub(t)
	const cart = "b4c8fdea-cbe4-4d17-9576-13fcacbf9605"
	s.press("/faults", url.Values{
		"kind": {"partial"}, "operation": {"checkoutCart"}, "customerId": {"d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"}, "cartId": {cart},
		"orderGroup": {"1"}, "code": {"900192"}, "count": {"3"}, "rate": {"0.5"}, "seed": {"7"},
	})
	s.press("/faults", url.Values{"kind": {"status"}, "status": {"504"}, "retryAfter": {"9"}, "always": {"true"}, "count": {"5"}})
	s.press("/faults", url.Values{"kind": {"latency"}, "latency": {"1m30s"}})
	armed := s.faults()
	for i := range armed {
		if armed[i].Always {
			armed[i].Count = 0 // which then says nothing
		}
	}
	got, err := json.Marshal(armed)
	want := `[{"cartId":"` + cart + `","code":900192,"count":3,"customerId":"d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d","id":1,"kind":"partial",` +
		`"operation":"checkoutCart","orderGroup":"1","rate":0.5,"seed":7},` +
		`{"always":true,"id":2,"kind":"status","retryAfter":9,"status":504},{"count":1,"id":3,"kind":"latency","latency":"1m30s"}]`
	if err != nil || string(got) != want {
		t.Errorf("armed are\n%s\nwant\n%s", got, want)
	}
	_, list := s.send(http.MethodGet, console.Path+"/faults", "", "HX-Request", "true")
	for _, text := range []string{"order group 1", "at a rate of 0.5", "seed 7", "0 of 3 fired", "Retry-After 9 s", "always", "1m30s"} {
		if !strings.Contains(list, text) {
			t.Errorf("the list does not say %q:\n%s", text, list)
		}
	}
}

// The command that is offered for a request sends the same again, whatever is in it.
func TestCurl(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		lacking.Skip(t, "there is no sh on the PATH")
	}
	s := newStub(t)
	body := `{"lineItems":[{"friendlyName":"it's $HOME \"quoted\" \\ ` + "`x`" + `","catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5","quantity":1,"billingCycle":"monthly","termDuration":"P1Y"}]}`
	s.send(http.MethodPost, customer+"/carts?a=%27b%27", body, "MS-CV", "it's", "Authorization", "Bearer secret")
	_, page := s.send(http.MethodGet, console.Path+"/requests/1", "", "HX-Request", "true")
	found := regexp.MustCompile(`(?s)<pre id="curl">(.*?)</pre>`).FindStringSubmatch(page)
	if found == nil || strings.Contains(page, "secret") {
		t.Fatalf("the page is\n%s", page)
	}
	command := html.UnescapeString(found[1])
	words, err := exec.Command("sh", "-c", `curl() { printf '%s\n' "$@"; }; `+command).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, command)
	}
	want := []string{
		"-i", "-X", "POST", s.url + customer + "/carts?a=%27b%27", "-H", "Authorization: Bearer any", "-H", "Content-Type: application/json",
		"-H", "Ms-Cv: it's", "--data-binary", body, "",
	}
	if got := strings.Split(string(words), "\n"); !slices.Equal(got, want) {
		t.Errorf("the command is\n%s\nits words are %q\nwant %q", command, got, want)
	}
}

// Where test control has an address of its own, links and commands lead to the API's.
func TestNew_Apart(t *testing.T) {
	t.Parallel()
	api, err := server.New(server.Options{Control: true})
	if err != nil {
		t.Fatal(err)
	}
	command, err := api.Control()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	console.New(command, "http://127.0.0.1:7").ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, console.Path, nil))
	for _, want := range []string{`href="http://127.0.0.1:7/docs"`, "curl -i http://127.0.0.1:7/v1/"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page does not have %s:\n%s", want, w.Body)
		}
	}
}
