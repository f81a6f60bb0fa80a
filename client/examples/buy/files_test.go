package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/servertest"
)

// A file that is wrong is told by its place, and nothing is sent.
func TestBuy_CartFile(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, "")
		for _, tc := range []struct{ old, wrong, want string }{
			{twoGroups, "", "cart.json:1: unexpected EOF"},
			{twoGroups, "[]", "cart.json:1: must be an object"},
			{twoGroups, `{"lineItems": []}`, "cart.json: /lineItems: there must be one at least"},
			{twoGroups, twoGroups + "{}", "cart.json:4: "},
			{`"quantity": 20`, `"quantities": 20`, "cart.json:2: /lineItems/0/quantities: there is no such member"},
			{`"quantity": 20`, `"Quantity": 20`, "cart.json:2: /lineItems/0/Quantity: there is no such member"},
			{`"quantity": 20`, `"quantity": 20, "quantity": 30`, "cart.json:2: /lineItems/0/quantity: duplicate object member name"},
			{`"quantity": 20`, `"quantity": "20"`, "cart.json:2: /lineItems/0/quantity: must be a whole number up to 2147483647"},
			{`"quantity": 20`, `"quantity": 20.5`, "cart.json:2: /lineItems/0/quantity: must be a whole number"},
			{`"quantity": 20`, `"quantity": 3000000000`, "cart.json:2: /lineItems/0/quantity: must be a whole number up to 2147483647"},
			{`"quantity": 20`, `"quantity": 0`, "cart.json: /lineItems/0/quantity: must be at least 1"},
			{`"quantity": 20`, `"quantity": 20, "addonItems": [{}]`, "cart.json: /lineItems/0/addonItems/0/catalogItemId: is missing"},
			{`"quantity": 20`, `"quantity": 20, "addonItems": {}`, "cart.json:2: /lineItems/0/addonItems: must be a list"},
			{`"quantity": 20`, `"quantity": 20, "customTermEndDate": "soon"`, "cart.json:2: /lineItems/0/customTermEndDate: must be a time such as"},
			{`"quantity": 20`, `"quantity": 20, "attestationAccepted": 1`, "cart.json:2: /lineItems/0/attestationAccepted: must be true or false"},
			{`"quantity": 20`, `"quantity": 20, "purchaseCommitment": {"amount": "1"}`, "cart.json:2: /lineItems/0/purchaseCommitment/amount: must be a number"},
			{`"quantity": 20`, `"quantity": 20, "friendlyName": 1`, "cart.json:2: /lineItems/0/friendlyName: must be a text"},
			{`"quantity": 20,`, `"quantity": 20`, "cart.json:2: /lineItems/0: "},
			{`"monthly"`, `"Monthly"`, `cart.json: /lineItems/0/billingCycle: "Monthly" is none of monthly, annual`},
			{`, "billingCycle": "one_time"`, ``, "cart.json: /lineItems/1/billingCycle: is missing"},
		} {
			s.write(s.cartFile, strings.Replace(twoGroups, tc.old, tc.wrong, 1))
			s.expect(exitUsage, []string{"buy: " + tc.want}, yes...)
		}
		if n := len(s.stub.Requests()); n != 0 {
			t.Errorf("the stub was sent %d requests", n)
		}
		s.write(s.cartFile, "\xef\xbb\xbf"+twoGroups) // as editors on Windows write it
		s.expect(exitNothing, nil)
	})
}

// A state file that can't be read is no reason to buy again.
func TestBuy_StateFile(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		s.expect(exitBought, nil, yes...)
		good, err := os.ReadFile(s.cartFile + ".state")
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct{ broken, want string }{
			{"", "cart.json.state:1: unexpected EOF"},
			{"{}", "cart.json.state: members are missing"},
			{string(good[:len(good)/2]), "cart.json.state:"},
			{strings.Replace(string(good), "cartId", "cartID", 1), "cart.json.state:6: /cartID: there is no such member"},
			{strings.Replace(string(good), `"cartId"`, `"checkoutRequestId": "1", "orderIds": [], "x"`, 1), "cart.json.state:6: /x: there is no such member"},
		} {
			s.write(s.cartFile+".state", tc.broken)
			s.expect(exitUsage, []string{"buy: " + tc.want, "it may tell of a purchase: look at the customer's orders before you delete it"}, yes...)
		}
		s.stub.RequireOrders(t, 2)
		s.write(s.cartFile+".state", string(good))
		s.expect(exitBought, []string{"Bought already"}, yes...)
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(s.cartFile), "*")); len(left) != 2 {
			t.Errorf("what is left is %v", left)
		}
	})
}

// Without a place for the state nothing is sent.
func TestBuy_NoPlaceForState(t *testing.T) {
	in(t, func(t *testing.T) {
		s := newShop(t, twoGroups)
		s.expect(exitFailed, []string{"no such file or directory"}, append(yes, "--state", filepath.Join(t.TempDir(), "none", "state"))...)
		if n := len(s.stub.Requests(servertest.CreateCart)); n != 0 {
			t.Errorf("%d carts were made", n)
		}
	})
}

func TestBuy_Usage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args, env string
		code      int
		want      string
	}{
		{"--help", "", exitBought, "usage: buy [flags] CART.json"},
		{"", "", exitUsage, "want one cart file, got 0"},
		{"a b", "", exitUsage, "want one cart file, got 2"},
		{"cart.json --yes", "", exitUsage, "flags go before the cart file"},
		{"--what cart.json", "", exitUsage, "flag provided but not defined: -what"},
		{"--real cart.json", "", exitUsage, "--real needs --customer"},
		{"--real --customer me CART", "", exitUsage, "--real needs the environment variable AZURE_TENANT_ID"},
		{"--real --customer me CART", "CARTWRIGHT_BASE_URL=http://127.0.0.1:8080", exitUsage, "CARTWRIGHT_BASE_URL names a stub: leave one of them out"},
		{"CART", "CARTWRIGHT_BASE_URL=http://example.com", exitUsage, "base URL http://example.com: a token is sent over plain http to a loopback address only"},
		{"none.json", "", exitUsage, "none.json: no such file or directory"},
	} {
		cart := filepath.Join(t.TempDir(), "cart.json")
		if err := os.WriteFile(cart, []byte(twoGroups), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs strings.Builder
		p := program{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(name string) string {
			if value, ok := strings.CutPrefix(tc.env, name+"="); ok {
				return value
			}
			return ""
		}}
		code := p.run(t.Context(), strings.Fields(strings.ReplaceAll(tc.args, "CART", cart)))
		if code != tc.code || !strings.Contains(out.String()+errs.String(), tc.want) {
			t.Errorf("buy %s: %d, printed %q, %q; want %d, %q", tc.args, code, out.String(), errs.String(), tc.code, tc.want)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for amount, want := range map[float64]string{
		0: "0.00", 0.1 + 0.2: "0.30", 999.999: "999.999", 1000: "1,000.00", 1234567.5: "1,234,567.50", -1234: "-1,234.00", 0.00256: "0.00256",
	} {
		if got := money(amount); got != want {
			t.Errorf("%v is %q, want %q", amount, got, want)
		}
	}
}

// A service's text neither breaks a line nor commands a terminal.
func TestPrintable(t *testing.T) {
	t.Parallel()
	if got := printable("a\x1b[2J\nb€"); got != "a\ufffd[2J\ufffdb€" {
		t.Errorf("it is %q", got)
	}
}
