package main

import (
	"cmp"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
)

// connect makes a client of the stub, which refuses to talk to any other server; of Partner Center only where real is asked
// for. It also names the server.
func (p program) connect(real bool) (c *client.Client, server string, err error) {
	options := []client.Option{client.WithApplicationName("cartwright-buy"), client.WithTransport(p.transport)}
	if real {
		credential, err := p.credential()
		if err != nil {
			return nil, "", err
		}
		c, err = client.New(credential, options...) // client.WithCloud for another cloud
		return c, "Partner Center", err
	}
	server = cmp.Or(p.getenv("CARTWRIGHT_BASE_URL"), "http://127.0.0.1:8080")
	options = append(options, client.WithBaseURL(server), client.WithStubOnly())
	c, err = client.New(auth.StaticToken(cmp.Or(p.getenv("CARTWRIGHT_TOKEN"), "any")), options...)
	return c, server, err
}

// credential is the access token of PARTNER_CENTER_TOKEN.
func (p program) credential() (azcore.TokenCredential, error) {
	if p.getenv("CARTWRIGHT_BASE_URL") != "" {
		return nil, wrong("--real buys at Partner Center, CARTWRIGHT_BASE_URL names a stub: leave one of them out")
	}
	if p.getenv("PARTNER_CENTER_TOKEN") == "" {
		return nil, wrong("--real needs the environment variable PARTNER_CENTER_TOKEN")
	}
	return auth.StaticToken(p.getenv("PARTNER_CENTER_TOKEN")), nil
}
