package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cartwright-dev/cartwright/server/entra"
)

// token prints an access token that a stub with --auth basic takes, or one that it refuses. Its flags are not read from the
// environment.
type token struct {
	User     bool          `env:"-" help:"A token of an application and a user (App+User) instead of an application's (App)."`
	NoMFA    bool          `name:"no-mfa" env:"-" help:"The user has signed in without multi-factor authentication: 401 / 900421."`
	Audience string        `env:"-" default:"https://api.partnercenter.microsoft.com" placeholder:"URL" help:"What the token is for; another audience than Partner Center is 401 / 900420."`
	Expires  time.Duration `env:"-" default:"1h" help:"How long it lives; with a minus it has expired: 401 / 800001."`
}

// Run prints the token and nothing else.
func (t *token) Run(o output) error {
	if t.NoMFA && !t.User {
		return errors.New("--no-mfa is for --user only: no application has multi-factor authentication")
	}
	authority := entra.New(time.Now, slog.New(slog.DiscardHandler))
	text, _, err := authority.Mint(entra.Access{User: t.User, NoMFA: t.NoMFA, Audience: t.Audience, Lifetime: t.Expires})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.stdout, text)
	return err
}
