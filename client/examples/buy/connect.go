package main

import (
	"cmp"
	"context"
	"os"
	"strings"

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

// credential is that of an application and a user, for Partner Center. Microsoft gives a new refresh token with each access
// token; the newest is what the next run needs.
func (p program) credential() (azcore.TokenCredential, error) {
	if p.getenv("CARTWRIGHT_BASE_URL") != "" {
		return nil, wrong("--real buys at Partner Center, CARTWRIGHT_BASE_URL names a stub: leave one of them out")
	}
	values := make(map[string]string)
	for _, name := range []string{"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "PARTNER_CENTER_REFRESH_TOKEN_FILE"} {
		if values[name] = p.getenv(name); values[name] == "" {
			return nil, wrong("--real needs the environment variable %s", name)
		}
	}
	file := values["PARTNER_CENTER_REFRESH_TOKEN_FILE"]
	token, err := os.ReadFile(file)
	if err != nil {
		return nil, usageError{err}
	}
	return auth.NewRefreshTokenCredential(values["AZURE_TENANT_ID"], values["AZURE_CLIENT_ID"], strings.TrimSpace(string(token)),
		auth.RefreshTokenOptions{
			ClientSecret: values["AZURE_CLIENT_SECRET"],
			OnRotate:     func(_ context.Context, next string) error { return replace(file, []byte(next+"\n")) },
			Transport:    p.transport,
		})
}
