package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/cartwright-dev/cartwright/client"
	"github.com/cartwright-dev/cartwright/client/auth"
	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/entra"
)

const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

// startStub starts a stub that judges tokens and speaks TLS, as cartwright --auth basic --tls does.
func startStub() *httptest.Server {
	handler, err := server.New(server.Options{Auth: server.AuthBasic})
	if err != nil {
		panic(err)
	}
	return httptest.NewTLSServer(handler)
}

func buy(c *client.Client) error {
	cart, err := c.Carts.Create(context.Background(), customer, &client.Cart{LineItems: []client.CartLineItem{{
		CatalogItemID: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", Quantity: 1, BillingCycle: client.BillingCycleMonthly, TermDuration: "P1Y",
	}}})
	if err != nil {
		return err
	}
	result, err := c.Carts.Checkout(context.Background(), customer, cart.ID)
	if err != nil {
		return err
	}
	fmt.Println("orders:", len(result.Orders))
	return nil
}

// An application and a user. Each new refresh token goes where the program reads it from when it starts.
func ExampleRefreshTokenCredential() {
	stub := startStub()
	defer stub.Close()
	vault := map[string]string{"refresh token": entra.RefreshToken} // in a program a file, a secret store or a database

	credential, err := auth.NewRefreshTokenCredential(entra.TenantID, entra.ApplicationID, vault["refresh token"], auth.RefreshTokenOptions{
		ClientSecret: entra.ClientSecret,
		OnRotate: func(_ context.Context, next string) error {
			fmt.Println("stored the next refresh token")
			vault["refresh token"] = next
			return nil
		},
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: stub.URL}, // leave it out for Microsoft's
		Transport: stub.Client().Transport,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := client.New(credential, client.WithBaseURL(stub.URL), client.WithTransport(stub.Client().Transport))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := buy(c); err != nil {
		fmt.Println(err)
	}
	fmt.Println(credential)
	// Output:
	// stored the next refresh token
	// orders: 1
	// auth.RefreshTokenCredential(application 7e4a47c0-ffee-4c0d-8a11-000000000002, tenant 7e4a47c0-ffee-4c0d-8a11-000000000001)
}

// An application alone, by azidentity. Against Microsoft the last argument of both is nil or left out.
func Example_app() {
	stub := startStub()
	defer stub.Close()

	credential, err := azidentity.NewClientSecretCredential(entra.TenantID, entra.ApplicationID, entra.ClientSecret,
		&azidentity.ClientSecretCredentialOptions{
			ClientOptions: azcore.ClientOptions{
				Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: stub.URL},
				Transport: stub.Client(),
			},
			DisableInstanceDiscovery: true, // which asks Microsoft about the authority
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := client.New(credential, client.WithBaseURL(stub.URL), client.WithTransport(stub.Client().Transport))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := buy(c); err != nil {
		fmt.Println(err)
	}
	// Output: orders: 1
}

// Whatever makes tokens of OAuth 2.0 will do.
func ExampleFromOAuth2() {
	handler, err := server.New(server.Options{Auth: server.AuthBasic})
	if err != nil {
		fmt.Println(err)
		return
	}
	stub := httptest.NewServer(handler)
	defer stub.Close()

	application := clientcredentials.Config{
		ClientID: entra.ApplicationID, ClientSecret: entra.ClientSecret,
		TokenURL: stub.URL + "/" + entra.TenantID + "/oauth2/v2.0/token",
		Scopes:   []string{"https://api.partnercenter.microsoft.com/.default"},
	}
	c, err := client.New(auth.FromOAuth2(application.TokenSource(context.Background())), client.WithBaseURL(stub.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := buy(c); err != nil {
		fmt.Println(err)
	}
	// Output: orders: 1
}

// The stub takes any token, unless it was started with --auth basic.
func ExampleStaticToken() {
	handler, err := server.New(server.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	stub := httptest.NewServer(handler)
	defer stub.Close()
	c, err := client.New(auth.StaticToken("any"), client.WithBaseURL(stub.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := buy(c); err != nil {
		fmt.Println(err)
	}
	// Output: orders: 1
}

// A refresh token that is of no use any more is told apart from all else that can fail.
func ExampleError() {
	stub := startStub()
	defer stub.Close()
	credential, err := auth.NewRefreshTokenCredential(entra.TenantID, entra.ApplicationID, "1.cut-off", auth.RefreshTokenOptions{
		ClientSecret: entra.ClientSecret,
		Cloud:        cloud.Configuration{ActiveDirectoryAuthorityHost: stub.URL},
		Transport:    stub.Client().Transport,
		Logger:       slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := client.New(credential, client.WithBaseURL(stub.URL), client.WithTransport(stub.Client().Transport))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = buy(c)
	if failed := new(auth.Error); errors.As(err, &failed) {
		fmt.Println(errors.Is(err, auth.ErrSignInAgain), failed.StatusCode, failed.Code, failed.AADSTS)
		fmt.Println(failed.Hint)
	}
	// Output:
	// true 400 invalid_grant 9002313
	// is the refresh token whole, or was it cut off where it is stored?
}
