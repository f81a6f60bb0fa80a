package client

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
)

// ServiceName names Partner Center among the services of a cloud.Configuration.
const ServiceName cloud.ServiceName = "partnercenter"

// globalEndpoint is the Partner Center of the global cloud, and of the US Government's.
const globalEndpoint = "https://api.partnercenter.microsoft.com"

// Global is the worldwide cloud, which a client talks to by default. Each cloud says where Partner Center is and whom a
// credential asks for tokens, so that the same value serves WithCloud, the options of azidentity and those of package auth.
func Global() cloud.Configuration {
	return Custom(globalEndpoint, cloud.AzurePublic.ActiveDirectoryAuthorityHost)
}

// USGovernment is the cloud of the US Government. It shares the worldwide Partner Center and has an authority of its own.
func USGovernment() cloud.Configuration {
	return Custom(globalEndpoint, cloud.AzureGovernment.ActiveDirectoryAuthorityHost)
}

// China21Vianet is the cloud in China that 21Vianet operates.
func China21Vianet() cloud.Configuration {
	return Custom("https://partner.partnercenterapi.microsoftonline.cn", cloud.AzureChina.ActiveDirectoryAuthorityHost)
}

// Custom is a cloud whose Partner Center is at the endpoint, such as "https://api.partnercenter.microsoft.com", which is
// also what its tokens are for; authority is where they come from, such as "https://login.microsoftonline.com/".
func Custom(endpoint, authority string) cloud.Configuration {
	return cloud.Configuration{
		ActiveDirectoryAuthorityHost: authority,
		Services:                     map[cloud.ServiceName]cloud.ServiceConfiguration{ServiceName: {Audience: endpoint, Endpoint: endpoint}},
	}
}

// scope is what a token for the audience of a service is asked for.
func scope(audience string) string { return strings.TrimSuffix(audience, "/") + "/.default" }

// baseOf gives the URL that the contract's paths are relative to.
func baseOf(endpoint string) (*url.URL, error) {
	base, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return nil, errors.New("cartwright: the base URL is no URL") // the error would print it, and it may have a password
	case base.Host == "" || (base.Scheme != "http" && base.Scheme != "https"):
		return nil, fmt.Errorf("cartwright: base URL %q has no http scheme or no host", base.Redacted())
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("cartwright: base URL %q has more than a scheme, a host and a path", base.Redacted())
	case base.Scheme == "http" && !isLoopback(base):
		return nil, fmt.Errorf("cartwright: base URL %s: a token is sent over plain http to a loopback address only, use https", base.Redacted())
	}
	base.Path = strings.TrimSuffix(strings.TrimSuffix(base.Path, "/"), "/v1") + "/v1"
	return base, nil
}

func isLoopback(u *url.URL) bool {
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}
