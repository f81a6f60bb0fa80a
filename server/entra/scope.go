package entra

import (
	"slices"
	"strings"
)

// resources are what tokens can be asked for: Partner Center, and others for which a careless program asks.
var resources = append(slices.Clone(audiences), "https://graph.windows.net", "https://graph.microsoft.com", "https://management.azure.com")

// openID are the scopes that belong to no resource.
var openID = []string{"openid", "profile", "email", "offline_access"}

// scopes reads what a request asks tokens for.
type scopes struct{ self string } // the URL of this server, which stands for Partner Center

// app gives the audience of an application's token: its one scope is all that a resource has granted it. Libraries ask
// for scopes of OpenID beside it, which are ignored.
func (s scopes) app(scope string) (string, error) {
	wanted := slices.DeleteFunc(strings.Fields(scope), func(word string) bool { return slices.Contains(openID, word) })
	if len(wanted) == 0 {
		return "", failure(invalidRequest, 900144, "The request body must contain the following parameter: 'scope'.")
	}
	resource, found := strings.CutSuffix(wanted[0], "/.default")
	if !found || len(wanted) > 1 {
		return "", failure(invalidScope, 1002012, "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", scope)
	}
	return s.known(resource)
}

// user gives the audience of a user's token, which all scopes must have in common. Without any it is empty: the token
// is for Partner Center.
func (s scopes) user(words []string) (audience string, err error) {
	for _, scope := range words {
		if slices.Contains(openID, scope) {
			continue
		}
		resource := scope
		if i := strings.LastIndexByte(scope, '/'); i >= 0 {
			resource = scope[:i]
		}
		of, err := s.known(resource)
		if err != nil {
			return "", err
		}
		if audience != "" && audience != of {
			return "", failure(invalidScope, 28000, "Provided value for the input parameter scope is not valid because it contains more than one resource: %s and %s.", audience, of)
		}
		audience = of
	}
	return audience, nil
}

// known gives a resource as it is spelled here.
func (s scopes) known(resource string) (string, error) {
	resource = strings.TrimSuffix(resource, "/")
	for _, r := range resources {
		if strings.EqualFold(r, resource) {
			return r, nil
		}
	}
	if strings.EqualFold(s.self, resource) {
		return audiences[0], nil
	}
	return "", failure(invalidResource, 500011, "The resource principal named %s was not found in the tenant %s. This stub has %s.", resource, TenantID, strings.Join(resources, ", "))
}
